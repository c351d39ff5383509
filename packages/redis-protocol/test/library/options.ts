import { inspect } from 'node:util'
import { connect, QueueError, type Adapter, type Backend } from '@millrace/core'
import { describe, expect, it } from 'vitest'

/** An adapter, as its package exports it. */
export interface Package {
  readonly name: string
  readonly library: string
  readonly schemes: readonly [plain: string, tls: string]
  readonly adapter: Adapter
  backend(options: object): Backend
}

/** What an adapter says to its options, without any server. */
export function describeOptions({ name, library, schemes: [plain, tls], adapter, backend }: Package): void {
  function refusal(options: object): QueueError {
    try {
      backend(options)
    } catch (error) {
      if (error instanceof QueueError) return error
    }
    throw new Error('it was not refused')
  }

  describe(`the options of ${name}`, () => {
    const url = `${plain}://127.0.0.1:1`

    it('name the backend, and are taken as given', async () => {
      const one = backend({ url, limits: { batch: 2 }, resendWindowMs: 0 })
      expect(one.capabilities).toMatchObject({
        name,
        durable: true,
        shared: true,
        limits: { batch: 2 },
        resendWindowMs: 0,
      })
      await one.close()
    })

    it.each([
      [
        'a name that is not known, with the one that was meant',
        { url, namespcae: 'a' },
        'namespcae',
        'mean namespace?',
      ],
      ['one that is not known beside those of the engine', { ulr: url }, 'ulr', 'did you mean url?'],
      ['a value that the engine refuses', { url, namespace: '' }, 'namespace', 'must be'],
      ['certificates for a URL without TLS', { url, tls: {} }, 'tls', `needs a url that begins with ${tls}:`],
      ['a client that is none', { client: {} }, 'client', `must be a Redis or Cluster of ${library}`],
      [
        'a client of another making',
        { client: { isCluster: false, call() {} } },
        'client',
        `must be a Redis or Cluster of ${library}`,
      ],
      ['a client that is nothing', { client: null }, 'client', `must be a Redis or Cluster of ${library}`],
    ])('refuse %s', (_, options, option, message) => {
      const { code, parameter, message: said } = refusal(options)
      expect({ code, parameter }).toEqual({ code: 'invalid_argument', parameter: `${name}.${option}` })
      expect(said).toContain(message)
    })

    it.each([
      ['neither url nor client', {}],
      ['both url and client', { url, client: {} }],
    ])('refuse %s', (_, options) => {
      expect(refusal(options)).toMatchObject({ code: 'invalid_argument', parameter: name })
      expect(refusal(options).message).toBe(`${name} must have either url or client`)
    })

    it.each([
      ['another scheme', 'http://:secret@host'],
      ['one that only begins like ours', `${plain}x://:secret@host`],
      ['no host', `${plain}://:secret@`],
      ['nothing but a scheme', `${plain}:`],
      ['no slashes', `${plain}:secret`],
      ['no scheme', 'secret@host'],
      ['nothing', ''],
      ['a database that is no number', `${plain}://:secret@host/first`],
      ['a path below the database', `${plain}://:secret@host/1/2`],
      ['settings in its query', `${plain}://:secret@host/1?family=6`],
      ['a fragment', `${plain}://:secret@host/1#a`],
      ['a port that is none', `${plain}://:secret@host:port`],
      ['a port beyond all ports', `${plain}://:secret@host:65536`],
      ['a password that is not encoded', `${plain}://:secret#%@host`],
      ['a password that is encoded wrongly', `${plain}://:secret%zz@host`],
      ['a number for a URL', 6379],
      ['null for a URL', null],
    ])('refuse %s, and never show it', (_, bad) => {
      const error = refusal({ url: bad })
      expect(error).toMatchObject({ code: 'invalid_argument', parameter: 'url' })
      expect(error.message).toContain(`${plain}://[[user]:password@]host[:port][/database]`)
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret')
    })
  })

  describe(`the adapter ${name}`, () => {
    it('serves its schemes, in any case', async () => {
      expect(adapter.schemes).toEqual([plain, tls])
      for (const scheme of [plain, tls, plain.toUpperCase()]) {
        const one = connect(`${scheme}://127.0.0.1:1`, { [name]: adapter })
        expect(one.capabilities.name).toBe(name)
        await one.close()
      }
    })

    it('takes what it is told of the namespace, as its function does', () => {
      const url = `${plain}://127.0.0.1:1`
      expect(() => adapter.connect(url, { namespace: '' })).toThrow(`${name}.namespace must be`)
      expect(() => adapter.connect(url, { aging: 0 })).toThrow(`${name}.aging must be`)
    })

    it.each(['host', '[::1]:1', 'host:1/0', 'user@host', ':p%40ss@host:1/15', 'user:p%40ss@host'])(
      'takes //%s',
      async (rest) => {
        const one = adapter.connect(`${plain}://${rest}`)
        expect(inspect(one, { depth: 10, showHidden: true })).not.toMatch(/p@ss|p%40ss/)
        await one.close()
      },
    )
  })
}
