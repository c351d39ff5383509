import type { Crew, WorkOptions } from './crew.ts'
import type { Account } from './orders.ts'
import type { Values } from './sample.ts'
import { between, type Reading } from './server-meter.ts'

export interface Processed {
  readonly account: Account
  readonly server: Reading
}

/** What waits is worked off. */
export async function workOff(crew: Crew, options: WorkOptions): Promise<Account> {
  await crew.startWorkers(options)
  await crew.reached()
  return await crew.stopWorkers()
}

/**
 * The same, and every record has to have been handled exactly once.
 * @throws Error if one was not, or twice, or if the server does not have exactly these as completed.
 */
export async function processAll(crew: Crew, options: WorkOptions): Promise<Processed> {
  const before = await crew.meter.read()
  const account = await workOff(crew, options)
  const server = between(before, await crew.meter.read())
  await checkAccount(crew, account)
  return { account, server }
}

/** @throws Error unless the handlers saw each record once and the server agrees. */
export async function checkAccount(crew: Pick<Crew, 'counts'>, account: Account): Promise<void> {
  const held = await checkStop(crew, account)
  if (held > 0) throw new Error(`${held} are still held after the stop`)
}

/**
 * For a stop with work left: not every peer gives back what it had taken and not begun.
 * @returns how many records the stopped worker still holds
 * @throws Error unless the handlers saw each record once and the server agrees
 */
export async function checkStop(crew: Pick<Crew, 'counts'>, { missing, repeated, handled }: Account): Promise<number> {
  if (missing > 0 || repeated > 0) throw new Error(`${missing} records were never handled, ${repeated} twice`)
  const { completed, held } = await crew.counts()
  if (completed === null || held === null) return 0
  if (handled < completed || handled > completed + held)
    throw new Error(`${handled} handled, but ${completed} completed and ${held} held`)
  return held
}

/** Per record. `counted`: so many are in the time; more may have been handled until the stop. */
export function valuesOf({ account, server }: Processed, counted: number = account.handled): Values {
  const { handled, ms, cpuUs } = account
  return {
    rate: (counted / ms) * 1_000,
    serverUs: server.cpuUs / handled,
    nodeUs: cpuUs / counted,
    commands: server.commands / handled,
    roundTrips: server.arrivals / handled,
  }
}
