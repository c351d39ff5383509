import type { Summary } from '@millrace/testing'

export const NOTHING: Summary = { runs: 0, completed: 0, failed: 0, cancelled: 0, expired: 0, retried: 0, snoozed: 0 }
