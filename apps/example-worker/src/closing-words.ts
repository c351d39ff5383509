import { relative } from 'node:path'
import { isTerminal, STATUS, type TaskRecord } from '@millrace/core'
import { countOf, formatCount, formatMs } from './amounts.ts'
import { statisticsTable } from './statistics-table.ts'
import { buildReport } from './tasks/build-report.ts'
import { deliverWebhook } from './tasks/deliver-webhook.ts'
import { noteDigest } from './tasks/note-digest.ts'
import { inspectPackage } from './tasks/inspect-package.ts'
import { hear } from './witness.ts'

export interface Ending {
  readonly inventory: string
  readonly folder: string
  readonly records: readonly TaskRecord[]
  readonly report: TaskRecord | null
  readonly witnessFile: string
  /** Posts that the receiver answered with 503. */
  readonly refused: number
  readonly tookMs: number
  /** What was done to the demo on purpose; null: nothing. */
  readonly harm: Harm | null
}

/** What was done, a sentence for each, and whether it was all that was asked for and came to a good end. */
export interface Harm {
  readonly sentences: readonly string[]
  readonly isGood: boolean
}

/** What there is to say at the end, from the records and the witness alone; good if they agree and the report is there. */
export async function closingWords(ending: Ending): Promise<{ readonly text: string; readonly isGood: boolean }> {
  const { records, report, inventory, folder } = ending
  const inspections = records.filter(({ taskName }) => taskName === inspectPackage.name)
  const own = inspections.filter(({ metadata }) => metadata['inventory'] === inventory)
  const testimony = hear(ending.witnessFile, own)
  const witness =
    testimony.contradictions.length === 0
      ? `witness agrees: ${countOf(testimony.starts, 'start')} for ${countOf(testimony.records, 'package')}${among(testimony.processes)}${unbegun(testimony.unbegun)}`
      : `the witness contradicts the records:\n    ${testimony.contradictions
          .slice(0, 10)
          .map((one) => JSON.stringify(one))
          .join('\n    ')}`
  const lines = [
    inspections.length === 0
      ? `There are no packages in ${folder}; the report says so.`
      : throughput(inspections, ending.tookMs),
    ...records.filter(({ taskName }) => taskName === noteDigest.name).map(digest),
    webhooks(records, ending.refused),
    witness,
    ...(ending.harm?.sentences ?? []),
    await reportLines(report),
  ]
  return {
    text: `\n${statisticsTable(records)}\n${lines.map((line) => `  ${line}\n`).join('')}`,
    isGood:
      testimony.contradictions.length === 0 &&
      ending.harm?.isGood !== false &&
      report?.status === STATUS.completed &&
      records.every(({ status }) => isTerminal(status)),
  }
}

function among(processes: number): string {
  return processes < 2 ? '' : `, in ${formatCount(processes)} processes`
}

function unbegun(attempts: number): string {
  return attempts === 0 ? '' : `; ${countOf(attempts, 'attempt')} given back or recovered before the handler began`
}

function throughput(inspections: readonly TaskRecord[], tookMs: number): string {
  const began = Math.min(...inspections.map(({ startedAt, createdAt }) => startedAt ?? createdAt))
  const ended = Math.max(...inspections.map(({ completedAt, createdAt }) => completedAt ?? createdAt))
  const ms = Math.max(1, ended - began)
  const rate = formatCount(Math.round((inspections.length / ms) * 1_000))
  const failed = inspections.filter(({ status }) => status !== STATUS.completed).length
  const worked = `${countOf(inspections.length - failed, 'package')} inspected${failed === 0 ? '' : `, ${formatCount(failed)} not`}`
  return `${worked} in ${formatMs(ms)} (${rate} a second); everything was over after ${formatMs(tookMs)}`
}

function digest(record: TaskRecord): string {
  const { createdAt, scheduledAt, startedAt } = record
  // After a recovery nobody knows any more what it was scheduled for.
  const wanted =
    scheduledAt === null
      ? 'digest scheduled for later'
      : `digest scheduled for ${formatMs(scheduledAt - createdAt)} after the start`
  return record.status === STATUS.completed && startedAt !== null
    ? `${wanted}, started after ${formatMs(startedAt - createdAt)}`
    : `${wanted}: ${record.status}`
}

function webhooks(records: readonly TaskRecord[], refused: number): string {
  const posts = records.filter(({ taskName }) => taskName === deliverWebhook.name)
  const delivered = posts.filter(({ status }) => status === STATUS.completed).length
  const retries = posts.reduce((sum, { retryCount }) => sum + retryCount, 0)
  return `${formatCount(delivered)} of ${countOf(posts.length, 'webhook')} delivered; the receiver refused ${formatCount(refused)} posts, retried ${formatCount(retries)} times`
}

async function reportLines(report: TaskRecord | null): Promise<string> {
  if (report?.status !== STATUS.completed)
    return `there is no report: ${report === null ? 'it was never enqueued' : (report.error?.message ?? report.status)}`
  const { html, json, licences, flagged, problems } = await buildReport.readOutput(report.result)
  return [
    `report: ${countOf(licences, 'licence')}, ${countOf(flagged, 'package')} to look at, ${formatCount(problems)} with problems`,
    `    ${shown(html)}`,
    `    ${shown(json)}`,
  ].join('\n  ')
}

function shown(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}
