import { inspect } from 'node:util'
import { respClientOn } from '@millrace/redis-protocol'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LibraryConnection } from '../src/library/library.ts'
import type { Command } from '../src/resp-client.ts'

/** A library that answers every call in the same way. What real ones do is shown by the packages that know them. */
function answering(answer: () => Promise<unknown>): LibraryConnection {
  return {
    isCluster: false,
    status: 'ready',
    options: {},
    call: answer,
    pipeline: (commands) => ({ exec: async () => commands.map(() => [new Error('gone'), undefined]) }),
    duplicate: () => answering(answer),
    on: () => {},
    off: () => {},
    quit: async () => {},
    disconnect() {},
  }
}

describe('a client of a library', () => {
  it.each([[true], [undefined], [new Map()], [Buffer.from('x')], [5n]])(
    'is not believed when it answers with %s',
    async (answer) => {
      const client = respClientOn(
        answering(async () => answer),
        'given',
      )
      await expect(client.call('{t}', [['get', '{t}']])).rejects.toThrow('which is no reply')
    },
  )

  it('gives away nothing of what a cluster was sent when all of its nodes fail', async () => {
    const node = Object.assign(new Error('WRONGPASS no'), { command: { name: 'auth', args: ['ann', 'secret'] } })
    const failure = Object.assign(new Error('no node'), { lastNodeError: node })
    const client = respClientOn(
      answering(() => Promise.reject(failure)),
      'given',
    )
    const error = await client.call('{t}', [['get', '{t}']]).catch((error: unknown) => error)
    expect(error).toBe(failure)
    expect(inspect(error, { depth: 10, showHidden: true })).toContain('WRONGPASS')
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret')
  })

  it('gives away nothing of what a server quotes that knows no such command, however deep it lies', async () => {
    const quote = (): Error => new Error("ERR unknown command 'auth', with args beginning with: 'ann' 'secret' ")
    const node = Object.assign(quote(), { cause: quote() })
    const failure = Object.assign(quote(), { lastNodeError: node })
    const client = respClientOn(
      answering(() => Promise.reject(failure)),
      'given',
    )
    const error = await client.call('{t}', [['get', '{t}']]).catch((error: unknown) => error)
    expect(error).toBe(failure)
    expect(inspect(error, { depth: 10, showHidden: true })).toContain("unknown command 'auth'")
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret')
  })

  it('fails several commands as one when it lost them', async () => {
    const client = respClientOn(
      answering(async () => 'OK'),
      'given',
    )
    await expect(client.call('{t}', [['get', 'a'], ['get', 'b']])).rejects.toThrow('gone') // prettier-ignore
  })

  it.each<[what: string, commands: Command[]]>([
    ['one command', [['get', 'a']]],
    [
      'several',
      [
        ['get', 'a'],
        ['get', 'b'],
      ],
    ],
  ])(
    'of ours hangs up on a server that owes the answer to %s and says nothing, and one that was given does not',
    async (_, commands) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
      onTestFinished(() => void vi.useRealTimers())
      const never = (): Promise<never> => new Promise(() => {})
      const destroy = vi.fn<(error: Error) => void>()
      const silent = { ...answering(never), pipeline: () => ({ exec: never }), stream: { bytesRead: 0, destroy } }
      void respClientOn(silent, 'given').call('{t}', commands)
      await vi.advanceTimersByTimeAsync(30_000)
      expect(destroy).not.toHaveBeenCalled()
      void respClientOn(silent, 'ours').call('{t}', commands)
      await vi.advanceTimersByTimeAsync(12_600)
      expect(destroy.mock.calls).toMatchObject([[{ message: 'the server was silent for 10000 ms' }]])
    },
  )

  it('of ours hangs up on nobody who has answered, or has lost the call', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const destroy = vi.fn<(error: Error) => void>()
    const answers = [Promise.resolve('OK'), Promise.reject(new Error('gone'))]
    const library = { ...answering(() => answers.shift() ?? Promise.resolve('OK')), stream: { bytesRead: 0, destroy } }
    const client = respClientOn(library, 'ours')
    await client.call('{t}', [['get', 'a']])
    await expect(client.call('{t}', [['get', 'a']])).rejects.toThrow('gone')
    await expect(client.call('{t}', [['get', 'a'], ['get', 'b']])).rejects.toThrow('gone') // prettier-ignore
    await vi.advanceTimersByTimeAsync(30_000)
    expect(destroy).not.toHaveBeenCalled()
  })
})
