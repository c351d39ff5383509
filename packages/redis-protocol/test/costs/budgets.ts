import type { Cost } from './operations.ts'

/** What each operation may cost, beside any backlog. Who makes one cheaper lowers its budget. */
export const BUDGETS: Readonly<Record<string, Cost>> = {
  'enqueue 1': { roundTrips: 1, sent: 1, inside: 7, received: 13 },
  'enqueue 100': { roundTrips: 1, sent: 1, inside: 7, received: 13 },
  'enqueue 1000': { roundTrips: 5, sent: 5, inside: 39, received: 65 },
  'enqueue 1 with a key': { roundTrips: 1, sent: 1, inside: 12, received: 16 },
  'enqueue 1 for later': { roundTrips: 1, sent: 1, inside: 8, received: 16 },
  'complete and claim 1': { roundTrips: 1, sent: 1, inside: 15, received: 237 },
  'complete and claim 50': { roundTrips: 1, sent: 1, inside: 15, received: 10_919 },
  'complete and claim 200': { roundTrips: 1, sent: 1, inside: 15, received: 43_619 },
  'beat for 200': { roundTrips: 1, sent: 1, inside: 5, received: 25 },
  'complete 200': { roundTrips: 1, sent: 1, inside: 8, received: 419 },
  'get 100': { roundTrips: 1, sent: 1, inside: 3, received: 18_214 },
  'cancel 1': { roundTrips: 2, sent: 2, inside: 10, received: 21 },
  'cancel 100': { roundTrips: 2, sent: 2, inside: 10, received: 1_605 },
  'sweep 100 that are stale': { roundTrips: 2, sent: 2, inside: 16, received: 2_333 },
  'sweep 100 that are overdue': { roundTrips: 2, sent: 2, inside: 12, received: 2_333 },
  'sweep 100 that have finished': { roundTrips: 2, sent: 2, inside: 28, received: 2_333 },
  'list 100 that wait': { roundTrips: 3, sent: 3, inside: 6, received: 18_282 },
  'list 100 that have finished': { roundTrips: 2, sent: 2, inside: 5, received: 22_281 },
  'statistics': { roundTrips: 2, sent: 2, inside: 30, received: 120 },
  'get 1 by key': { roundTrips: 2, sent: 2, inside: 3, received: 220 },
  'assign 100': { roundTrips: 2, sent: 2, inside: 9, received: 3_005 },
  'replay 100': { roundTrips: 2, sent: 2, inside: 13, received: 1_605 },
  'lease': { roundTrips: 1, sent: 1, inside: 4, received: 15 },
} // prettier-ignore
