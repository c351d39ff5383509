import { expect, it } from 'vitest'
import { codeBlocksOf, npmScriptsOf } from './code-blocks.ts'
import { runProgram, typeErrors, writePrograms } from './programs.ts'

const fence = '```'
const page = (...lines: string[]): string => lines.join('\n')
const block = (...lines: string[]): string => page(`${fence}ts`, ...lines, fence)

it('finds each block with its line, its language and the output after it', () => {
  const text = page(
    '# Title',
    `${fence}ts`,
    'console.log(1)',
    fence,
    '',
    `${fence}text output`,
    '1',
    fence,
    `${fence}sh`,
    'npm test',
    fence,
  )
  const [program, , shell] = codeBlocksOf('a.md', text)
  expect(program).toEqual({
    page: 'a.md',
    line: 2,
    language: 'ts',
    code: 'console.log(1)\n',
    from: undefined,
    runs: 'anywhere',
    output: '1\n',
  })
  expect(shell).toMatchObject({ language: 'sh', code: 'npm test\n', output: undefined })
})

it('takes an output block only right after its program', () => {
  const [program] = codeBlocksOf('a.md', page(`${fence}ts`, '1', fence, 'Then:', `${fence}text output`, '1', fence))
  expect(program?.output).toBeUndefined()
})

it('tells a part of a file, and what runs on a server or not at all, from a program that runs', () => {
  const info = ['ts from docs/a.ts', 'ts on-server', 'ts no-run', 'ts']
  const blocks = codeBlocksOf('a.md', page(...info.flatMap((words) => [`${fence}${words}`, '1', fence])))
  expect(blocks.map(({ language, from, runs }) => [language, from, runs])).toEqual([
    ['ts', 'docs/a.ts', 'anywhere'],
    ['ts', undefined, 'on-server'],
    ['ts', undefined, 'no-run'],
    ['ts', undefined, 'anywhere'],
  ])
})

it('keeps a longer fence open over a shorter one, and refuses one without an end', () => {
  const [outer, ...rest] = codeBlocksOf('a.md', page('````md', `${fence}ts`, '1', fence, '````'))
  expect([outer?.language, rest]).toEqual(['md', []])
  expect(() => codeBlocksOf('a.md', page('', `${fence}ts`, '1'))).toThrow('a.md:2: this code block has no end')
})

it('finds the npm scripts of shell blocks only', () => {
  const text = page('`npm run prose`', `${fence}sh`, 'npm run demo -- --port 1', 'npm test', 'npm run -s check', fence)
  expect(npmScriptsOf(codeBlocksOf('a.md', text))).toEqual(['demo', 'test', 'check'])
})

it(
  'tells a program that does not compile, one that fails and one that prints something else',
  { timeout: 150_000 },
  async () => {
    const text = page(
      block(`const n: number = 'one'`, 'console.log(n)'),
      block(`import { nothing } from '@millrace/core'`, 'console.log(nothing)'),
      block('console.log(2)', 'process.exit(3)'),
    )
    const blocks = codeBlocksOf('bad.md', text)
    const programs = writePrograms('bad', blocks)
    const errors = await typeErrors(programs)
    expect(blocks.map((each) => errors.get(programs.fileOf(each))?.match(/TS\d+/)?.[0])).toEqual([
      'TS2322',
      'TS2305',
      undefined,
    ])

    const failing = blocks.at(-1)
    if (failing === undefined) throw new Error('no block')
    expect(await runProgram(programs, failing)).toMatchObject({ exitCode: 3, stdout: '2\n' })
  },
)
