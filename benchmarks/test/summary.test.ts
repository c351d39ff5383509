import { expect, it } from 'vitest'
import { chartSvg } from '../src/chart.ts'
import { reportText } from '../src/report.ts'
import { processRow } from '../src/rows/process.ts'
import type { Sample } from '../src/sample.ts'
import { percentile } from '../src/statistics.ts'
import { summaryOf } from '../src/summary.ts'
import { mustOn, TARGETS, verdictOf } from '../src/targets.ts'

const at = { server: 'redis', row: 'process', label: 'c=10' } as const
const sample = (peer: Sample['peer'], round: number, values: Sample['values']): Sample => ({
  ...at,
  peer,
  round,
  values,
})
const samples = [
  sample('bullmq', 0, { rate: 100 }),
  sample('millrace', 0, { rate: 300 }),
  sample('bullmq', 1, { rate: 200 }),
  sample('millrace', 1, { rate: 400 }),
  sample('bullmq', 2, 'it did not end'),
  sample('millrace', 2, { rate: 900 }),
]

it('a ratio is taken within a round, and needs both', () => {
  const summary = summaryOf(samples)
  const figure = { ...at, peer: 'millrace', metric: 'rate' } as const
  expect(summary.ratios(figure)).toEqual({ median: 2.5, min: 2, max: 3 })
  expect(summary.values(figure)).toEqual({ median: 400, min: 300, max: 900 })
  expect(summary.failures({ ...at, peer: 'bullmq' })).toEqual(['it did not end'])
  expect(summary.values({ ...figure, metric: 'serverUs' })).toBeUndefined()
})

it('a target is judged by the median, on Valkey by 0.8 of the ratio', () => {
  const target = TARGETS.find(({ what }) => what === 'process, c=10')
  if (target === undefined) throw new Error('no such target')
  const spread = (median: number): { median: number; min: number; max: number } => ({ median, min: 0, max: 99 })
  expect([2.7, 2, 1.99].map((value) => verdictOf(target, 'redis', spread(value)))).toEqual(['aim', 'must', 'missed'])
  expect(mustOn('valkey', target)).toBeCloseTo(1.6)
  expect(verdictOf(target, 'valkey', spread(1.6))).toBe('must')
})

it('the report names what was not measured', () => {
  const shown = { rows: [processRow], kinds: ['redis'], peers: ['bullmq', 'millrace'], samples } as const
  const text = reportText({ ...shown, circumstances: ['a machine'] })
  expect(text).toContain('| c=10 | records per second | 150 | 400; 2.50x (2.00 to 3.00) |')
  expect(text).toContain('- c=10, bullmq: it did not end')
  expect(text).toContain('| process, c=10 | 2x | 2.7x | 2.50x (2.00 to 3.00) | must |')
})

it('the chart draws what is there', () => {
  const svg = chartSvg(summaryOf(samples), ['redis'])
  expect(svg.match(/<circle/g)).toHaveLength(2)
  expect(svg).not.toContain('bee-queue<')
})

it('a percentile is a value that occurred', () => {
  expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3)
  expect(percentile([5, 1, 4, 2, 3], 0.99)).toBe(5)
})
