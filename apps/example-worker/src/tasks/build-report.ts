import { exponential, task } from '@millrace/core'
import { z } from 'zod'

/** Collects the inspections of an inventory and writes `report.html` and `report.json`. */
export const buildReport = task('report.build', {
  queue: 'reports',
  // Whatever still waits to be inspected matters more.
  priority: -10,
  retries: 2,
  backoff: exponential('500ms', { max: '10s' }),
  timeout: '2m',
  input: z.strictObject({ inventory: z.uuid(), webhook: z.url().nullable() }),
  output: z.object({
    html: z.string(),
    json: z.string(),
    packages: z.int(),
    licences: z.int(),
    flagged: z.int(),
    problems: z.int(),
  }),
})

/** One report for each inventory. */
export function reportKey(inventory: string): string {
  return `report:${inventory}`
}
