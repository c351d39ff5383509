import type { Client, Task, TaskRecord } from '@millrace/core'
import { AssertionError } from './assertion-error.ts'
import { allRecords, enqueuedOf, type EnqueuedRecord } from './enqueued.ts'
import { checkExpected, WITH_COUNT, type CheckedExpectation, type Expected, type ExpectedRecord } from './expected.ts'
import type { Difference } from './partly.ts'
import { shown } from './shown.ts'

type Named<Input> = Pick<Task<Input, unknown>, 'name' | 'types'>

/** The records that are like this, at least one. @throws AssertionError that shows what was enqueued instead, the nearest first. */
export async function assertEnqueued<Input>(
  reader: Client,
  task: Named<Input>,
  expected: Expected<Input>,
): Promise<readonly EnqueuedRecord<Input>[]> {
  const checked = checkExpected(expected, WITH_COUNT)
  const all = await enqueuedOf(reader, task)
  const like = all.filter((record) => checked.differencesOf(record).length === 0)
  const { count } = checked
  if (count === null ? like.length > 0 : like.length === count) return like
  const found = like.length === 0 ? 'No record' : records(like.length)
  const instead = count === null || like.length === 0 ? '' : `, instead of ${count}`
  const lines = [`${found} of ${task.name} ${was(like.length)} enqueued${likeThis(checked)}${instead}${end(checked)}`]
  throw new AssertionError([...lines, ...written(checked), ...(await others(reader, all, checked))].join('\n'), {
    actual: all.map(summaryOf),
    expected,
  })
}

/** @throws AssertionError that shows the records that are like this. */
export async function assertNotEnqueued<Input>(
  reader: Client,
  task: Named<Input>,
  expected: ExpectedRecord<Input>,
): Promise<void> {
  const checked = checkExpected(expected)
  const all = await enqueuedOf(reader, task)
  const like = all.filter((record) => checked.differencesOf(record).length === 0)
  if (like.length === 0) return
  const head = `${records(like.length)} of ${task.name} ${was(like.length)} enqueued${likeThis(checked)}, instead of none${end(checked)}`
  const list = numbered(like.map((record) => [lineOf(record)]))
  throw new AssertionError(
    [head, ...written(checked), ...(checked.written.length > 0 ? ['Found:'] : []), ...list].join('\n'),
    {
      actual: like.map(summaryOf),
      expected: [],
    },
  )
}

const SHOWN = 5

/** What was enqueued of the task, those first that differ least; or else what was enqueued at all. */
async function others(
  reader: Client,
  all: readonly EnqueuedRecord<unknown>[],
  checked: CheckedExpectation,
): Promise<readonly string[]> {
  if (all.length === 0) return await elsewhere(reader)
  const near = all
    .map((record) => ({ record, differences: checked.differencesOf(record) }))
    .toSorted((a, b) => a.differences.length - b.differences.length)
  const heading = all.length === 1 ? 'Enqueued was:' : `Enqueued were ${all.length}, the nearest first:`
  return [heading, ...numbered(near.map(({ record, differences }) => [lineOf(record), ...differences.map(asLine)]))]
}

async function elsewhere(reader: Client): Promise<readonly string[]> {
  const counts = new Map<string, number>()
  for (const { taskName } of await allRecords(reader)) counts.set(taskName, (counts.get(taskName) ?? 0) + 1)
  if (counts.size === 0) return ['Nothing was enqueued.']
  return [`Enqueued were others: ${[...counts].map(([name, count]) => `${name} (${count})`).join(', ')}.`]
}

function numbered(items: readonly (readonly string[])[]): readonly string[] {
  const lines = items
    .slice(0, SHOWN)
    .flatMap(([first = '', ...rest], i) => [`  ${i + 1}. ${first}`, ...rest.map((line) => `     ${line}`)])
  return items.length > SHOWN ? [...lines, `  and ${items.length - SHOWN} more`] : lines
}

function asLine({ path, found, wanted }: Difference): string {
  const unit = path === 'delay' ? ' ms' : ''
  return `${path} is ${shown(found)}${unit}, not ${shown(wanted)}${unit}`
}

function lineOf({ status, queue, key, input }: EnqueuedRecord<unknown>): string {
  return `${status}, queue ${queue}${key === null ? '' : `, key ${key}`}, input ${shown(input)}`
}

function summaryOf({ status, queue, key, priority, input }: TaskRecord & { readonly input: unknown }): object {
  return { status, queue, key, priority, input }
}

function written({ written: parts }: CheckedExpectation): readonly string[] {
  return parts.map(([name, value]) => `  ${name}: ${shown(value)}`)
}

const likeThis = ({ written: parts }: CheckedExpectation): string => (parts.length > 0 ? ' like this' : '')
const end = ({ written: parts }: CheckedExpectation): string => (parts.length > 0 ? ':' : '.')
const records = (count: number): string => `${count} ${count === 1 ? 'record' : 'records'}`
const was = (count: number): string => (count > 1 ? 'were' : 'was')
