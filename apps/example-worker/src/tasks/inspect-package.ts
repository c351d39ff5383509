import { exponential, task } from '@millrace/core'
import { z } from 'zod'
import { FLAGS, SOURCES } from '../licence.ts'

const identity = {
  name: z.string(),
  version: z.string().nullable(),
  /** Relative to the folder of the inventory. */
  place: z.string(),
  /** The project itself asks for it. */
  direct: z.boolean(),
  copies: z.int().min(1),
  /** Where another package of this name and version lies whose manifest or licence says something else. */
  differsFrom: z.string().nullable(),
}

/** What is known of a package before it is inspected. */
export const inspectionInput = z.strictObject({ ...identity, path: z.string().min(1) })

/** A row of the report. */
const inspection = z.object({
  ...identity,
  licence: z.string(),
  licenceFrom: z.enum(SOURCES),
  flag: z.enum(FLAGS).nullable(),
  installScripts: z.array(z.string()),
  files: z.int().min(0),
  bytes: z.int().min(0),
  hash: z.string(),
  hashed: z.enum(['full', 'partial']),
  problems: z.array(z.string()),
})

export type InspectionInput = z.infer<typeof inspectionInput>
export type Inspection = z.infer<typeof inspection>

/** Hashes the files of one package, reads its manifest and finds its licence. Whatever is wrong with the package is in the result. */
export const inspectPackage = task('package.inspect', {
  queue: 'inspect',
  retries: 2,
  backoff: exponential('200ms', { max: '5s' }),
  timeout: '2m',
  input: inspectionInput,
  output: inspection,
})
