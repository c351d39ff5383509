import type { Kind } from '../../scripts/servers/kinds.mjs'
import type { Metric } from './metrics.ts'
import type { PeerName } from './peers/all-peers.ts'
import type { Figure, Spread, Summary } from './summary.ts'

/** What Millrace has to reach. At Valkey the must of a ratio is 0.8 of what it is at Redis, the aim is the same. */
export interface Target {
  readonly what: string
  readonly better: 'higher' | 'lower'
  readonly must: number
  readonly aim: number
  /** `x`: times BullMQ's figure, or its own in another case, of the same round. */
  readonly unit: 'x' | ' MB' | ' ms' | ''
  figure(summary: Summary, server: Kind): Spread | undefined
}

const VALKEY = 0.8
const MILLION = '1 000 000 waiting'
const THOUSAND = '1 000 waiting'

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
  ratioAtMost(
    'pick-up by an idle worker, p50',
    { row: 'latency', label: 'idle worker', metric: 'pickUpP50' },
    [0.8, 0.6],
  ),
  ratioAtMost(
    'pick-up by an idle worker, p99',
    { row: 'latency', label: 'idle worker', metric: 'pickUpP99' },
    [0.8, 0.6],
  ),
  ratioAtMost('pick-up at half load, p99', { row: 'latency', label: 'half load', metric: 'pickUpP99' }, [0.8, 0.6]),
  ratioAtMost('server CPU per record, c=50', { row: 'process', label: 'c=50', metric: 'serverUs' }, [0.3, 0.17]),
  ratioAtMost('memory per pending record', { row: 'memory', label: 'per record', metric: 'pendingBytes' }, [0.7, 0.6]),
  ratioAtMost(
    'memory per completed record',
    { row: 'memory', label: 'per record', metric: 'completedBytes' },
    [0.45, 0.36],
  ),
  atMost('commands per record, c=50', '', { row: 'process', label: 'c=50', metric: 'commands' }, [2, 1]),
  atMost('round trips per record, c=50', '', { row: 'process', label: 'c=50', metric: 'roundTrips' }, [0.1, 0.05]),
  kept('rate with 1 M waiting, of that with 1 k', { row: 'growth', label: MILLION }, THOUSAND),
  kept('rate beside 100 k scheduled, of that alone', { row: 'beside', label: '100 000 scheduled' }, 'alone'),
  kept(
    'rate beside 1 M of another queue, of that alone',
    { row: 'beside', label: '1 000 000 of another queue' },
    'alone',
  ),
  atMost('script time p99.9 with 1 M waiting', ' ms', { row: 'growth', label: MILLION, metric: 'scriptP999' }, [10, 5]),
  atMost('memory with 1 M waiting', ' MB', { row: 'growth', label: MILLION, metric: 'usedMb' }, [430, 430]),
  atMost(
    'commands sent per second, idle worker of 200',
    '',
    { row: 'idle', label: '200 workers', metric: 'idleArrivals' },
    [2, 1],
  ),
  atMost('bytes appended per second, 200 idle', '', { row: 'idle', label: '200 workers', metric: 'idleBytes' }, [0, 0]),
  atMost(
    'scripts for one new record, 200 idle',
    '',
    { row: 'idle', label: '200 workers', metric: 'taskScripts' },
    [4, 3],
  ),
]

type Place = Pick<Figure, 'row' | 'label'> & { readonly peer?: PeerName }
type Limits = readonly [must: number, aim: number]

function rate(what: string, { peer = 'millrace', ...at }: Place, [must, aim]: Limits): Target {
  return {
    what,
    better: 'higher',
    must,
    aim,
    unit: 'x',
    figure: (summary, server) => summary.ratios({ ...at, peer, metric: 'rate', server }),
  }
}

function ratioAtMost(what: string, at: Place & { readonly metric: Metric }, [must, aim]: Limits): Target {
  return {
    what,
    better: 'lower',
    must,
    aim,
    unit: 'x',
    figure: (summary, server) => summary.ratios({ peer: 'millrace', ...at, server }),
  }
}

function atMost(
  what: string,
  unit: Target['unit'],
  at: Place & { readonly metric: Metric },
  [must, aim]: Limits,
): Target {
  return {
    what,
    better: 'lower',
    must,
    aim,
    unit,
    figure: (summary, server) => summary.values({ peer: 'millrace', ...at, server }),
  }
}

/** Its rate there, of that in the other case of the row: both of the same round. */
function kept(what: string, at: Place, ofLabel: string): Target {
  return {
    what,
    better: 'higher',
    must: 0.8,
    aim: 0.9,
    unit: 'x',
    figure: (summary, server) => summary.shares({ peer: 'millrace', ...at, metric: 'rate', server }, ofLabel),
  }
}

export function mustOn(server: Kind, { better, must, unit }: Target): number {
  if (server === 'redis' || unit !== 'x') return must
  return better === 'higher' ? must * VALKEY : must / VALKEY
}

/** By the median of the rounds. */
export function verdictOf(target: Target, server: Kind, { median }: Spread): 'aim' | 'must' | 'missed' {
  const reaches = (limit: number): boolean => (target.better === 'higher' ? median >= limit : median <= limit)
  return reaches(target.aim) ? 'aim' : reaches(mustOn(server, target)) ? 'must' : 'missed'
}
