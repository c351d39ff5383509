import { expect, it } from 'vitest'
import type { Account } from '../src/orders.ts'
import type { Counts, Payload } from '../src/peers/peer.ts'
import { checkAccount, checkStop } from '../src/processing.ts'
import { createTally } from '../src/tally.ts'

const record = (i: number): Payload => ({ i, at: 0, s: '' })

async function accountOf(...handled: readonly number[]): Promise<Account> {
  const tally = createTally({ from: 10, count: 3, target: 3, holdMs: 0 })
  for (const i of handled) await tally.handle(record(i))
  return tally.account()
}

const counting = (counts: Counts): { counts(): Promise<Counts> } => ({ counts: async () => counts })

it('each record once is a full account', async () => {
  const account = await accountOf(10, 12, 11)
  expect(account).toMatchObject({ handled: 3, repeated: 0, missing: 0 })
  await checkAccount(counting({ pending: 0, held: 0, completed: 3 }), account)
})

it('a record that came twice in place of another voids the figure', async () => {
  const account = await accountOf(10, 11, 11)
  expect(account).toMatchObject({ handled: 3, repeated: 1, missing: 1 })
  const whole = counting({ pending: 0, held: 0, completed: 3 })
  await expect(checkAccount(whole, account)).rejects.toThrow('1 records were never handled, 1 twice')
})

it('a record that is none of the run is an error', async () => {
  await expect(accountOf(13)).rejects.toThrow('record 13 is none of this run')
})

it('the server has to agree', async () => {
  const account = await accountOf(10, 11, 12)
  const short = counting({ pending: 1, held: 0, completed: 2 })
  const still = counting({ pending: 0, held: 1, completed: 2 })
  await expect(checkAccount(short, account)).rejects.toThrow('3 handled, but 2 completed')
  await expect(checkAccount(still, account)).rejects.toThrow('1 are still held')
  expect(await checkStop(still, account)).toBe(1)
  expect(await checkStop(counting({ pending: 0, held: null, completed: null }), account)).toBe(0)
})
