import { decodeBody, encodeBody, DEFAULT_LIMITS } from '@millrace/core'
import { expect, it } from 'vitest'
import { readClaimed, readEntries } from '../src/entries.ts'

const ID = '0'.repeat(22)
const BODY = encodeBody({ args: [1] }, DEFAULT_LIMITS)
const ERROR = '{"name":"Error","message":"no"}'

/** A record as scripts answer with it. */
function entry({ aside = '', outcome = '', body = BODY }: { aside?: string; outcome?: string; body?: string }): string {
  const fields = [
    'fd',
    '1',
    '5',
    '6',
    '',
    '1',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    '',
    'demo',
    '',
    '',
    '',
    '',
  ]
  return `\u001e${ID}\u001f\u001f${aside}\u001f${fields.join('\t')}\n${outcome}\n${body}`
}

it('takes what lies aside for those of which it lies aside', () => {
  const text = entry({ aside: 'b', body: '' }) + entry({}) + entry({ aside: 'bop', outcome: 'E', body: '' }) + entry({ aside: 'p' })
  const records = readEntries(text, [BODY, BODY, ERROR, '1', '2'], 9).map(({ record }) => record)
  expect(records.map((record) => record?.args)).toEqual([[1], [1], [1], [1]])
  expect(records.map((record) => record?.error?.message)).toEqual([undefined, undefined, 'no', undefined])
  expect(records.map((record) => record?.progress)).toEqual([null, null, 1, 2])
}) // prettier-ignore

it('reads what cannot be read as failed, and keeps to it that the others are theirs', () => {
  const text = entry({ aside: 'u', body: '' }) + entry({ body: '' }) + entry({ aside: 'b', body: '' })
  const entries = readEntries(text, [BODY], 9)
  expect(entries.map(({ isReadable, attempt }) => [isReadable, attempt])).toEqual([[false, 1], [false, 1], [true, 1]])
  expect(entries[0]?.record).toMatchObject({ status: 'failed', error: { code: 'corrupt_record' } })
  expect(entries[2]?.record?.args).toEqual(decodeBody(BODY).args)
}) // prettier-ignore

it('reads what a plain claim took, each with the body that is its own', () => {
  const [first, second] = ['1', '2'].map((digit) => digit.repeat(22))
  const texts = [entry({ body: '' }), entry({}), entry({ body: '' })].map((one) => one.split('\u001f')[3] ?? '')
  const [bad = '', plain = '', aside = ''] = texts
  const entries = readClaimed(`${ID}${first}${second}`, [bad.replace('demo', ''), plain, aside, '{"args":[2]}', '{"args":[3]}'], 9)
  expect(entries.map(({ isReadable, record }) => [isReadable, record?.args])).toEqual([[false, []], [true, [1]], [true, [3]]])
  expect(entries[1]?.record).toMatchObject({ startedAt: 5, heartbeatAt: 5 })
  expect(readClaimed('', [], 9)).toEqual([])
}) // prettier-ignore

it('reads a record of which the text that lies aside did not come as failed', () => {
  const [one] = readEntries(entry({ aside: 'b', body: '' }), [], 9)
  expect(one).toMatchObject({ isReadable: false, record: { status: 'failed' } })
})

it('says of what does not exist that there is none, under the name that it was asked for', () => {
  expect(readEntries('\u001enot an id\u001f\u001f\u001f', [], 9)).toEqual([
    { id: 'not an id', record: null, isReadable: true, attempt: 0 },
  ])
})
