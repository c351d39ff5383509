import { checkRequest, DEFAULT_LIMITS, taskRequest, type TaskRequest } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { invalid, refusal, tooLarge, type Refusal } from './refusal.ts'
import { ID, idOf, sampleRequest } from './sample-request.ts'

describe('a request made from few fields', () => {
  it('is complete', () => {
    expect(taskRequest({ id: ID, taskName: 'email.send', body: '{}' }, DEFAULT_LIMITS)).toEqual({
      id: ID,
      taskName: 'email.send',
      queue: 'default',
      body: '{}',
      priority: 0,
      key: null,
      keyScope: null,
      keyHold: null,
      keyWindowMs: null,
      onConflict: 'keep',
      group: null,
      parentId: null,
      maxRetries: 0,
      maxRecoveries: 3,
      requeueOnStale: true,
      delayMs: null,
      scheduledAt: null,
      expiresInMs: null,
      expiresAt: null,
      executionBackend: 'local',
      executionProfile: null,
    } satisfies TaskRequest)
  })

  it('keeps what it is given', () => {
    const given: TaskRequest = {
      id: ID,
      taskName: 'a',
      queue: 'mail',
      body: '{"args":[1]}',
      priority: -4_096,
      key: 'k',
      keyScope: 'namespace',
      keyHold: 'window',
      keyWindowMs: 600_000,
      onConflict: 'extend',
      group: 'tenant 5',
      parentId: idOf(2),
      maxRetries: 1_000_000,
      maxRecoveries: 0,
      requeueOnStale: false,
      delayMs: null,
      scheduledAt: 0,
      expiresInMs: 5,
      expiresAt: null,
      executionBackend: 'gpu',
      executionProfile: 'large',
    }
    expect(taskRequest(given, DEFAULT_LIMITS)).toEqual(given)
  })

  it('is frozen, and shows no way to make one that was not checked', () => {
    const request = sampleRequest()
    expect(Object.isFrozen(request)).toBe(true)
    const make = (fields: object): unknown =>
      Reflect.construct(request.constructor, [fields, DEFAULT_LIMITS, 'request'])
    expect(make(request)).toEqual(request)
    expect(refusal(() => make({ ...request, taskName: 'a\tb' }))).toEqual(invalid('request.taskName'))
    const bad = [{ ...request, taskName: 'a\tb' }, DEFAULT_LIMITS, Symbol('known')]
    expect(() => Reflect.construct(request.constructor, bad)).toThrow(TypeError)
  })

  it('gives a key to its task unless told otherwise', () => {
    expect(sampleRequest({ key: 'k' }).keyScope).toBe('task')
    expect(sampleRequest({ key: 'k', keyScope: 'namespace' }).keyScope).toBe('namespace')
    expect(sampleRequest({ key: 'k' })).toMatchObject({ keyHold: 'active', keyWindowMs: null })
  })

  it.each(['queue', 'priority', 'onConflict', 'maxRetries', 'maxRecoveries', 'requeueOnStale', 'executionBackend'])(
    'does not take null for the default of %s',
    (name) => {
      const fields = { id: ID, taskName: 'email.send', body: '{}', [name]: null }
      expect(refusal(() => Reflect.apply(taskRequest, null, [fields, DEFAULT_LIMITS]))).toEqual(
        invalid(`request.${name}`),
      )
    },
  )

  it('refuses the scope of a key that is not there', () => {
    expect(refusal(() => sampleRequest({ keyScope: 'namespace' }))).toEqual(invalid('request.keyScope'))
  })

  it('has 0 for -0', () => {
    expect(sampleRequest({ priority: -0 }).priority).toBe(0)
  })

  it('names the field as a part of what its caller wrote', () => {
    const fields = { id: ID, taskName: 'a', body: '{}', priority: 0.5 }
    expect(refusal(() => taskRequest(fields, DEFAULT_LIMITS))).toEqual(invalid('request.priority'))
    expect(refusal(() => taskRequest(fields, DEFAULT_LIMITS, 'options'))).toEqual(invalid('options.priority'))
  })
})

describe('a request is refused', () => {
  const check = (changes: Record<string, unknown>): Refusal =>
    refusal(() =>
      Reflect.apply(checkRequest, null, ['requests[3]', { ...sampleRequest(), ...changes }, DEFAULT_LIMITS]),
    )
  const long = 'x'.repeat(201)

  it.each<[field: string, values: readonly unknown[]]>([
    ['id', [undefined, null, '', 'x', ID.toUpperCase()]],
    ['taskName', [undefined, '', long, 'a b', '__proto__']],
    ['queue', ['', '{mail}', '*', null, ['mail']]],
    ['executionBackend', ['', ' local', null]],
    ['body', [undefined, null, '', {}]],
    ['priority', ['5', Number.NaN, 1.5, 4_097, -4_097, null, Number.POSITIVE_INFINITY]],
    ['maxRetries', [-1, 1.5, '3', 1_000_001, Number.NaN, null]],
    ['maxRecoveries', [-1, 1_000_001, null]],
    ['requeueOnStale', ['false', 0, null]],
    ['onConflict', ['EXTEND', 'drop', null]],
    ['key', ['', 5, '\ud800']],
    ['group', ['', 5, '\ud800']],
    ['executionProfile', ['', 5]],
    ['parentId', ['', 'x', 5]],
    ['delayMs', [-5, Number.NaN, Number.POSITIVE_INFINITY, 0.5, '5', 3_155_760_000_001]],
    ['scheduledAt', [-1, 'tomorrow', new Date(), 10_000_000_000_000]],
    ['expiresInMs', [-1, '5s', Number.NaN]],
    ['expiresAt', [-1, new Date(), 1.5]],
  ])('%s', (field, values) => {
    for (const value of values)
      expect(check({ [field]: value }), String(value)).toEqual(invalid(`requests[3].${field}`))
  })

  it('for a text that is too long', () => {
    expect(check({ key: 'x'.repeat(513), keyScope: 'task' })).toEqual(tooLarge('requests[3].key'))
    expect(check({ group: long })).toEqual(tooLarge('requests[3].group'))
    expect(check({ executionProfile: long })).toEqual(tooLarge('requests[3].executionProfile'))
    expect(check({ body: `"${'x'.repeat(1_048_576)}"` })).toEqual(tooLarge('requests[3].body'))
  })

  it('for fields that exclude each other', () => {
    expect(check({ delayMs: 0, scheduledAt: 0 })).toEqual(invalid('requests[3].delayMs'))
    expect(check({ expiresInMs: 0, expiresAt: 0 })).toEqual(invalid('requests[3].expiresInMs'))
    expect(check({ keyScope: 'task' })).toEqual(invalid('requests[3].keyScope'))
    expect(check({ key: 'k', keyScope: null })).toEqual(invalid('requests[3].keyScope'))
    expect(check({ key: 'k', keyScope: 'queue' })).toEqual(invalid('requests[3].keyScope'))
    expect(check({ keyHold: 'active' })).toEqual(invalid('requests[3].keyHold'))
    expect(check({ keyWindowMs: 1 })).toEqual(invalid('requests[3].keyWindowMs'))
    const keyed = { key: 'k', keyScope: 'task' }
    for (const keyHold of [null, undefined, 'ever', '', 5])
      expect(check({ ...keyed, keyHold })).toEqual(invalid('requests[3].keyHold'))
    for (const keyWindowMs of [null, 0, -1, 0.5, '10m', 3_155_760_000_001])
      expect(check({ ...keyed, keyHold: 'window', keyWindowMs })).toEqual(invalid('requests[3].keyWindowMs'))
    for (const keyHold of ['active', 'untilStart', 'forever'])
      expect(check({ ...keyed, keyHold, keyWindowMs: 1 })).toEqual(invalid('requests[3].keyWindowMs'))
  })

  it('for an unknown field, or for not being one', () => {
    expect(check({ delay: 5 })).toEqual(invalid('requests[3].delay'))
    for (const value of [null, undefined, 'x', []]) {
      expect(refusal(() => Reflect.apply(taskRequest, null, [value, DEFAULT_LIMITS]))).toEqual(invalid('request'))
      expect(refusal(() => Reflect.apply(checkRequest, null, ['request', value, DEFAULT_LIMITS]))).toEqual(
        invalid('request'),
      )
    }
  })
})

it('a request at every limit is taken', () => {
  const longest = 'x'.repeat(200)
  const request = {
    ...sampleRequest(),
    taskName: longest,
    queue: longest,
    executionBackend: longest,
    executionProfile: '😀'.repeat(50),
    group: longest,
    key: 'é'.repeat(256),
    keyScope: 'task' as const,
    keyHold: 'window' as const,
    keyWindowMs: 3_155_760_000_000,
    priority: 4_096,
    maxRetries: 1_000_000,
    maxRecoveries: 1_000_000,
    delayMs: 3_155_760_000_000,
    expiresAt: 9_999_999_999_999,
    body: `"${'x'.repeat(1_048_574)}"`,
  }
  expect(checkRequest('request', request, DEFAULT_LIMITS)).toBeUndefined()
})
