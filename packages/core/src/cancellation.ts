import type { Backend } from './backend.ts'
import { checkArray, checkId, checkName, checkObject, checkOptions } from './check.ts'
import { invalidArgument } from './errors.ts'
import { encodeJson, type Json, type JsonObject } from './json.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { pathText } from './path.ts'
import type { TaskRecord } from './record.ts'
import { STATUS, type Status } from './status.ts'
import type { ActResult } from './turn.ts'

/** Which records: each condition given must hold, and one must be given. An empty object is none. */
export interface CancelFilter {
  readonly taskName?: string
  readonly queue?: string
  /** Names and values that the record's kwargs must contain; nested objects are compared the same way. None may be `undefined`. */
  readonly kwargs?: JsonObject
  readonly metadata?: JsonObject
}

export interface CancelOptions {
  /** Default false: what runs is left alone and reported as missed. */
  readonly includeRunning?: boolean
  /** Stored as the record's error message. */
  readonly reason?: string
}

export interface CancelReport {
  /** Ids named, or found by the filter. */
  readonly matched: number
  readonly cancelled: readonly string[]
  /** Not cancelled: it ran, it had ended, or it is gone. */
  readonly missed: readonly ActResult[]
}

/** In the order in which records move on, so that one that moves while we look is met again. */
const CANCELLABLE: readonly Status[] = [STATUS.waiting, STATUS.scheduled, STATUS.pending, STATUS.running]

const CONDITIONS = ['taskName', 'queue', 'kwargs', 'metadata'] as const

/**
 * By ids, or every record that fits a filter, page by page. It ends however fast more comes: each list is walked from its end, where new
 * records come in, so they stay behind.
 */
export async function cancel(
  backend: Backend,
  target: string | readonly string[] | CancelFilter,
  options: CancelOptions = {},
): Promise<CancelReport> {
  checkOptions('options', options, ['includeRunning', 'reason'])
  if (typeof target === 'string') return await cancelIds(backend, [target], options)
  if (Array.isArray(target)) return await cancelIds(backend, idsOf(target), options)
  return await cancelMatching(backend, filterOf(target), options)
}

async function cancelIds(backend: Backend, ids: readonly string[], options: CancelOptions): Promise<CancelReport> {
  const results: ActResult[] = []
  const most = backend.capabilities.limits.batch
  for (let start = 0; start < ids.length; start += most) {
    results.push(...(await backend.cancel({ ids: ids.slice(start, start + most), ...options })))
  }
  return report(results)
}

async function cancelMatching(backend: Backend, filter: CancelFilter, options: CancelOptions): Promise<CancelReport> {
  const { taskName, queue, kwargs = {}, metadata = {} } = filter
  const results = new Map<string, ActResult>()
  for (const view of CANCELLABLE) {
    let cursor: string | null = null
    do {
      const page = await backend.list({
        view,
        order: 'desc',
        cursor,
        ...(taskName === undefined ? {} : { taskName }),
        ...(queue === undefined ? {} : { queue }),
      })
      const ids = page.records
        .filter((record) => contains(record.kwargs, kwargs) && contains(record.metadata, metadata))
        .map(({ id }: TaskRecord) => id)
      for (const result of await backend.cancel({ ids, ...options })) results.set(result.id, result)
      cursor = page.cursor
    } while (cursor !== null)
  }
  return report([...results.values()])
}

/** All are checked before the first is cancelled, and none changes while they are. */
function idsOf(target: readonly unknown[]): readonly string[] {
  return checkArray('ids', target, Infinity).map((id, i) => checkId(`ids[${i}]`, id))
}

/** A filter whose only condition is `undefined`, or an empty object, would cancel everything. */
function filterOf(target: unknown): CancelFilter {
  if (typeof target === 'object' && target !== null && 'id' in target)
    throw invalidArgument('filter', 'must have conditions; of a handle or a record pass its id: cancel(handle.id)')
  checkOptions('filter', target, CONDITIONS)
  const filter: CancelFilter = { ...(typeof target === 'object' ? target : {}) }
  for (const name of ['taskName', 'queue'] as const) {
    if (filter[name] !== undefined) checkName(`filter.${name}`, filter[name])
  }
  const { kwargs, metadata, ...names } = filter
  const own = {
    ...names,
    ...(kwargs === undefined ? {} : { kwargs: partOf('filter.kwargs', kwargs) }),
    ...(metadata === undefined ? {} : { metadata: partOf('filter.metadata', metadata) }),
  }
  if (!CONDITIONS.some((name) => isCondition(own[name])))
    throw invalidArgument('filter', `must have a condition: ${CONDITIONS.join(', ')}; an empty object is none`)
  return own
}

function isCondition(value: string | JsonObject | undefined): boolean {
  return typeof value === 'object' ? Object.keys(value).length > 0 : value !== undefined
}

/** As it is now: what its owner changes while pages are read is not looked for. */
function partOf(parameter: string, part: JsonObject): JsonObject {
  const bounds = { parameter, maxBytes: Infinity, maxDepth: DEFAULT_LIMITS.depth }
  const snapshot: JsonObject = JSON.parse(encodeJson(checkObject(parameter, part), bounds))
  checkNoneLost(parameter, part, snapshot)
  return snapshot
}

/** JSON has no `undefined`: a value that got lost would be no condition at all. */
function checkNoneLost(parameter: string, part: object, snapshot: object): void {
  const kept = new Map<string, unknown>(Object.entries(snapshot))
  for (const [name, value] of Object.entries(part)) {
    const at = pathText(parameter, [Array.isArray(part) ? Number(name) : name])
    if (!kept.has(name)) throw invalidArgument(at, 'must not be undefined; leave it out')
    const inside = kept.get(name)
    if (typeof value === 'object' && value !== null && typeof inside === 'object' && inside !== null)
      checkNoneLost(at, value, inside)
  }
}

function report(results: readonly ActResult[]): CancelReport {
  const done = (result: ActResult): boolean => result.outcome === 'ok'
  return {
    matched: results.length,
    cancelled: results.filter(done).map(({ id }) => id),
    missed: results.filter((result) => !done(result)),
  }
}

/** Whether every value of `part` is in `whole`: objects by their members, everything else by equality. */
function contains(whole: Json | undefined, part: Json): boolean {
  if (typeof part !== 'object' || part === null) return whole === part
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole) !== Array.isArray(part)) return false
  if (Array.isArray(part) && Array.isArray(whole) && part.length !== whole.length) return false
  const members = new Map<string, Json>(Object.entries(whole))
  return Object.entries(part).every(([name, value]) => contains(members.get(name), value))
}
