import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { command } from '../connection.mjs'
import { monitor } from '../monitor.mjs'
import { kinds, urlOf } from './url-of.ts'

it.for(kinds)('tells every command that %s runs, those of scripts too, with exact arguments', async (kind) => {
  const url = urlOf(kind)
  const key = randomUUID()
  const value = ' "ü"\\\n\u0000\r\n€ '
  const watch = await monitor(url)
  onTestFinished(() => watch.close())
  await command(url, 'EVAL', `redis.call('set', KEYS[1], ARGV[1]) return redis.call('TIME')`, 1, key, value)
  await command(url, 'DEL', key)
  const lines = await watch.lines()
  const evaluated = lines.findIndex(({ args }) => args.includes(key))
  expect(lines[evaluated]).toMatchObject({ lua: false, command: 'eval', args: [expect.any(String), '1', key, value] })
  expect(lines.slice(evaluated + 1, evaluated + 3)).toEqual([
    { lua: true, client: 'lua', command: 'set', args: [key, value] },
    { lua: true, client: 'lua', command: 'time', args: [] },
  ])
  expect(lines.at(-1)).toMatchObject({ lua: false, command: 'del', args: [key] })
})
