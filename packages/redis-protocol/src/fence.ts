import type { Fence } from '@millrace/core'

/** An attempt as scripts compare it; an explicit unfenced act as `*`. */
export function fenceText(attempt: Fence): string {
  return attempt === 'any' ? '*' : String(attempt)
}
