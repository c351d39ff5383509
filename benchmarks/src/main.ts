import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bench } from './bench.ts'
import { chartSvg } from './chart.ts'
import { HELP, wishesOf, type Wishes } from './command-line.ts'
import { load, machineWords, versionWords } from './machine.ts'
import { buildMark, commitWords } from './measured-build.ts'
import { offersPrefetch } from './peers/prefetch.ts'
import { reportText } from './report.ts'
import type { Sample } from './sample.ts'
import { summaryOf } from './summary.ts'

const HOME = fileURLToPath(new URL('..', import.meta.url))

const wishes = readWishes()
if (wishes?.isHelp === true) process.stdout.write(HELP)
else if (wishes !== undefined) await run(wishes)

function readWishes(): Wishes | undefined {
  try {
    return wishesOf(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    process.exitCode = 2
    return undefined
  }
}

async function run(wishes: Wishes): Promise<void> {
  const { plan, rows, kinds, isComplete } = wishes
  const peers = wishes.peers.filter((peer) => peer !== 'millrace-prefetch' || offersPrefetch())
  const samples: Sample[] = []
  const versions: string[] = []
  const loadBefore = load()
  const commit = commitWords()
  const build = buildMark()
  const startedAt = performance.now()
  for (const kind of kinds) {
    const groups = [rows.filter(({ appendOnly }) => appendOnly !== true), rows.filter(({ appendOnly }) => appendOnly)]
    for (const group of groups.filter(({ length }) => length > 0)) {
      const { version } = await bench({ kind, plan, peers, rows: group, onSample: (sample) => take(sample) })
      if (!versions.includes(`${kind} ${version}`)) versions.push(`${kind} ${version}`)
    }
  }

  const text = reportText({ circumstances: circumstances(), rows, kinds, peers, samples })
  const out = wishes.out ?? (isComplete ? HOME : undefined)
  process.stdout.write(`\n${text}`)
  if (out !== undefined) {
    mkdirSync(out, { recursive: true })
    writeFileSync(join(out, 'RESULTS.md'), text)
    writeFileSync(join(out, 'chart.svg'), chartSvg(summaryOf(samples), kinds))
  }
  process.exitCode = samples.some(({ values }) => typeof values === 'string') ? 1 : 0

  function take(sample: Sample): void {
    samples.push(sample)
    const { server, row, label, peer, round, values } = sample
    const words =
      typeof values === 'string'
        ? values
        : Object.entries(values)
            .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
            .join(', ')
    console.log(
      `${seconds().padStart(5)} s  ${server} ${row}, ${label}, round ${round + 1}: ${peer.padEnd(10)} ${words}`,
    )
  }

  function circumstances(): readonly string[] {
    const before = loadBefore.toFixed(1)
    return [
      `machine: ${machineWords()}`,
      `Millrace: ${commit}${buildMark() === build ? '' : '; IT WAS BUILT ANEW DURING THE RUN, so the figures mean nothing'}`,
      `servers: ${versions.join(', ')}; peers and clients: ${versionWords()}`,
      `persistence: off (no snapshots, no append-only file), except where a row says so; server and peers on one machine, over its loopback`,
      `run: ${isComplete ? 'complete' : `partial (${process.argv.slice(2).join(' ')})`}, ${plan.rounds} rounds (${plan.fillRounds} of rows that fill a server, ${plan.longRounds} of other long ones), ${seconds()} s; load of the machine before it began: ${before}`,
    ]
  }

  function seconds(): string {
    return ((performance.now() - startedAt) / 1_000).toFixed(0)
  }
}
