import type { StopReport } from '@millrace/worker'
import { countOf } from './amounts.ts'

/** How a worker stopped: sentences for people, none if all went well, and the exit code of its program. */
export function farewell({ abandoned, unsettled }: StopReport): { readonly words: string; readonly code: number } {
  const tasks = [...new Set(abandoned.map(({ taskName }) => taskName))].join(', ')
  const left = abandoned.length === 0 ? '' : ` Left behind: ${countOf(abandoned.length, 'handler')} of ${tasks}.`
  const lost =
    unsettled === 0 ? '' : ` Not told to the backend: ${countOf(unsettled, 'outcome')}; these tasks will run again.`
  return { words: left + lost, code: left + lost === '' ? 0 : 1 }
}
