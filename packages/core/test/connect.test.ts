import { connect, type Adapter, type Backend } from '@millrace/core'
import { describe, expect, it } from 'vitest'
import { recordingBackend } from './recording-backend.ts'
import { invalid, refusal, thrownBy } from './refusal.ts'

function adapter(
  schemes: readonly string[],
  urls: string[] = [],
  backend: Backend = recordingBackend().backend,
): Adapter {
  return {
    schemes,
    connect(url) {
      urls.push(url)
      return backend
    },
  }
}

describe('connect', () => {
  it('chooses by the scheme and hands over the whole URL', () => {
    const urls: string[] = []
    const { backend } = recordingBackend()
    const memory = adapter(['memory'])
    const redis = adapter(['redis', 'rediss'], urls, backend)
    expect(connect('rediss://user:pw@host:6379/1?x=y', { memory, redis })).toBe(backend)
    expect(connect('redis://host', { memory, redis })).toBe(backend)
    expect(urls).toEqual(['rediss://user:pw@host:6379/1?x=y', 'redis://host'])
  })

  it.each(['memory:', 'MEMORY:', 'Memory://x'])('takes %s in any case', (url) => {
    const { backend } = recordingBackend()
    expect(connect(url, { memory: adapter(['memory'], [], backend) })).toBe(backend)
  })

  it.each<[what: string, url: string | undefined, message: string]>([
    ['a missing URL', undefined, 'url is missing; the adapters given serve memory:, redis:, rediss:'],
    ['an empty one', '', 'url is missing; the adapters given serve memory:, redis:, rediss:'],
    ['one without a scheme', '//host/secret', 'url has no scheme; the adapters given serve memory:, redis:, rediss:'],
    ['a word', 'secret', 'url has no scheme; the adapters given serve memory:, redis:, rediss:'],
    ['a space in front', ' redis://host', 'url has no scheme; the adapters given serve memory:, redis:, rediss:'],
    [
      'an unknown scheme',
      'valkey://user:secret@host',
      'url has the unknown scheme valkey:; the adapters given serve memory:, redis:, rediss:',
    ],
    [
      'a scheme that begins like a known one',
      'redisx://secret',
      'url has the unknown scheme redisx:; the adapters given serve memory:, redis:, rediss:',
    ],
  ])('refuses %s and lists what would do, never the URL', (_what, url, message) => {
    const adapters = { memory: adapter(['memory']), redis: adapter(['redis', 'rediss']) }
    const error = thrownBy(() => connect(url, adapters))
    expect({ code: error.code, parameter: error.parameter }).toEqual(invalid('url'))
    expect(error.message).toBe(message)
    expect(`${error.message}${error.stack}`).not.toContain('secret')
  })

  it('says so if there is no adapter', () => {
    expect(thrownBy(() => connect('redis:', {})).message).toBe(
      'url has the unknown scheme redis:; the adapters given serve none',
    )
  })

  it.each([null, 5, {}, new URL('redis://host')])('refuses a URL that is no text: %s', (url) => {
    expect(refusal(() => Reflect.apply(connect, null, [url, { redis: adapter(['redis']) }]))).toEqual(invalid('url'))
  })

  it.each<[what: string, adapters: unknown, parameter: string]>([
    ['no adapters', undefined, 'adapters'],
    ['a list of adapters', [adapter(['memory'])], 'adapters'],
    ['an adapter that was not imported', { memory: adapter(['memory']), redis: undefined }, 'adapters.redis'],
    ['a backend in place of its adapter', { memory: recordingBackend().backend }, 'adapters.memory'],
  ])('refuses %s', (_what, adapters, parameter) => {
    expect(refusal(() => Reflect.apply(connect, null, ['memory:', adapters]))).toEqual(invalid(parameter))
  })

  it('hands over what the caller says of the namespace', () => {
    const told: unknown[] = []
    const { backend } = recordingBackend()
    const redis: Adapter = {
      schemes: ['redis'],
      connect(_url, options) {
        told.push(options)
        return backend
      },
    }
    connect('redis:', { redis }, { namespace: 'shop', aging: '10m' })
    connect('redis:', { redis })
    expect(told).toEqual([{ namespace: 'shop', aging: '10m' }, {}])
  })

  it.each<[what: string, options: unknown, parameter: string]>([
    ['options that are none', null, 'options'],
    ['a misspelt option', { namespcae: 'shop' }, 'options.namespcae'],
    ['an option of one adapter', { timeoutMs: 5 }, 'options.timeoutMs'],
    ['a namespace that is none', { namespace: '' }, 'options.namespace'],
    ['a namespace that got lost', { namespace: null }, 'options.namespace'],
    ['an aging that is none', { aging: '10 minutes' }, 'options.aging'],
    ['an aging of nothing', { aging: 0 }, 'options.aging'],
  ])('refuses %s', (_what, options, parameter) => {
    const redis = adapter(['redis'])
    expect(refusal(() => Reflect.apply(connect, null, ['redis:', { redis }, options]))).toEqual(invalid(parameter))
  })

  it('passes on what an adapter refuses', () => {
    const broken: Adapter = {
      schemes: ['redis'],
      connect() {
        throw new RangeError('port')
      },
    }
    expect(() => connect('redis://host:99999', { broken })).toThrow(RangeError)
  })
})
