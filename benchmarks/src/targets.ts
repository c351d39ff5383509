import type { Kind } from '../../scripts/servers/kinds.mjs'
import type { Metric } from './metrics.ts'
import type { PeerName } from './peers/all-peers.ts'
import type { Spread, Summary } from './summary.ts'

/** What Millrace has to reach: at Redis these figures; at Valkey `must` is 0.8 of what it is at Redis, the aim is the same. */
export interface Target {
  readonly what: string
  /** Higher is better, or lower. */
  readonly better: 'higher' | 'lower'
  readonly must: number
  readonly aim: number
  /** `x`: times BullMQ's figure of the same round. */
  readonly unit: 'x' | ''
  figure(summary: Summary, server: Kind): Spread | undefined
}

const VALKEY = 0.8

export const TARGETS: readonly Target[] = [
  rate('process, c=1', { row: 'process', label: 'c=1' }, [1.4, 1.5]),
  rate('process, c=10', { row: 'process', label: 'c=10' }, [2, 2.7]),
  rate('process, c=50', { row: 'process', label: 'c=50' }, [3.5, 5]),
  rate('process, c=100', { row: 'process', label: 'c=100' }, [4, 5.5]),
  rate('process, c=1, prefetch', { row: 'process', label: 'c=1', peer: 'millrace-prefetch' }, [5, 8]),
  rate('process, c=10, prefetch', { row: 'process', label: 'c=10', peer: 'millrace-prefetch' }, [3, 3.5]),
  rate('process, c=50, prefetch', { row: 'process', label: 'c=50', peer: 'millrace-prefetch' }, [4.5, 6]),
  rate('process, c=100, prefetch', { row: 'process', label: 'c=100', peer: 'millrace-prefetch' }, [4.5, 6.5]),
  rate('process, c=50, 1 KB', { row: 'payload', label: '1 KB' }, [2, 2.5]),
  rate('process, c=50, 10 KB', { row: 'payload', label: '10 KB' }, [1.3, 1.6]),
  rate('enqueue, awaited one by one', { row: 'enqueue', label: 'awaited one by one' }, [1.3, 1.4]),
  rate('enqueue, concurrent in one tick', { row: 'enqueue', label: 'concurrent in one tick' }, [4, 5]),
  rate('enqueue, bulk', { row: 'enqueue', label: 'bulk' }, [5, 7]),
  atMost('pick-up by an idle worker, p50', { row: 'latency', label: 'idle worker', metric: 'pickUpP50' }, [0.8, 0.6]),
  atMost('pick-up by an idle worker, p99', { row: 'latency', label: 'idle worker', metric: 'pickUpP99' }, [0.8, 0.6]),
  atMost('pick-up at half load, p99', { row: 'latency', label: 'half load', metric: 'pickUpP99' }, [0.8, 0.6]),
  atMost('server CPU per record, c=50', { row: 'process', label: 'c=50', metric: 'serverUs' }, [0.3, 0.17]),
  atMost('memory per pending record', { row: 'memory', label: 'per record', metric: 'pendingBytes' }, [0.7, 0.6]),
  atMost('memory per completed record', { row: 'memory', label: 'per record', metric: 'completedBytes' }, [0.45, 0.36]),
  atMost('commands per record, c=50', { row: 'process', label: 'c=50', metric: 'commands', unit: '' }, [2, 1]),
  atMost(
    'round trips per record, c=50',
    { row: 'process', label: 'c=50', metric: 'roundTrips', unit: '' },
    [0.1, 0.05],
  ),
]

interface Place {
  readonly row: string
  readonly label: string
  readonly peer?: PeerName
}

function rate(what: string, { peer = 'millrace', ...at }: Place, [must, aim]: readonly [number, number]): Target {
  const figure = { ...at, peer, metric: 'rate' } as const
  return {
    what,
    better: 'higher',
    must,
    aim,
    unit: 'x',
    figure: (summary, server) => summary.ratios({ ...figure, server }),
  }
}

function atMost(
  what: string,
  { peer = 'millrace', unit = 'x', ...at }: Place & { readonly metric: Metric; readonly unit?: 'x' | '' },
  [must, aim]: readonly [number, number],
): Target {
  const figure = { ...at, peer }
  return {
    what,
    better: 'lower',
    must,
    aim,
    unit,
    figure: (summary, server) =>
      unit === 'x' ? summary.ratios({ ...figure, server }) : summary.values({ ...figure, server }),
  }
}

export function mustOn(server: Kind, { better, must }: Target): number {
  if (server === 'redis') return must
  return better === 'higher' ? must * VALKEY : must / VALKEY
}

/** By the median of the rounds. */
export function verdictOf(target: Target, server: Kind, { median }: Spread): 'aim' | 'must' | 'missed' {
  const reaches = (limit: number): boolean => (target.better === 'higher' ? median >= limit : median <= limit)
  return reaches(target.aim) ? 'aim' : reaches(mustOn(server, target)) ? 'must' : 'missed'
}
