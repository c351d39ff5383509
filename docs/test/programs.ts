import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CodeBlock } from './code-blocks.ts'

const DOCS = fileURLToPath(new URL('..', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')
const TIME_LIMIT_MS = 120_000

const TSCONFIG = {
  extends: join(ROOT, 'tsconfig.base.json'),
  compilerOptions: {
    typeRoots: [join(ROOT, 'node_modules/@types')],
    composite: false,
    declaration: false,
    declarationMap: false,
    isolatedDeclarations: false,
    rewriteRelativeImportExtensions: false,
    noEmit: true,
    noUnusedLocals: false,
    noUnusedParameters: false,
  },
  include: ['*.ts'],
}

/** Code blocks written out as files that see the packages as a user would: built, through docs/node_modules or those of another folder. */
export interface Programs {
  readonly folder: string
  fileOf(block: CodeBlock): string
}

export interface Run {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** In a folder of that name below docs/, or of that path elsewhere; what was in it is gone. */
export function writePrograms(name: string, blocks: readonly CodeBlock[]): Programs {
  const folder = resolve(DOCS, '.blocks', name)
  const fileOf = ({ page, line }: CodeBlock): string =>
    `${page.replaceAll(/[^\w]+/g, '-').replace(/-md$/, '')}-${line}.ts`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  for (const block of blocks) writeFileSync(join(folder, fileOf(block)), block.code)
  return { folder, fileOf }
}

/** One compiler run over all of them. The complaints by file; the line in the file is the line after the fence. */
export async function typeErrors({ folder }: Programs): Promise<ReadonlyMap<string, string>> {
  const { exitCode, stdout, stderr } = await run(folder, [process.execPath, TSC, '-p', folder, '--pretty', 'false'])
  const errors = new Map<string, string>()
  let file = ''
  for (const line of stdout.split('\n')) {
    file = /^([\w-]+\.ts)\(/.exec(line)?.[1] ?? file
    if (file !== '' && line !== '') errors.set(file, `${errors.get(file) ?? ''}${line}\n`)
  }
  if (exitCode !== 0 && errors.size === 0) throw new Error(`the compiler failed:\n${stdout}${stderr}`)
  return errors
}

/** `url` is what the program finds in MILLRACE_URL. */
export function runProgram({ folder, fileOf }: Programs, block: CodeBlock, url = ''): Promise<Run> {
  return run(folder, [process.execPath, fileOf(block)], url === '' ? {} : { MILLRACE_URL: url })
}

/** Runs a program in a folder. */
export function run(
  cwd: string,
  [program = '', ...args]: readonly string[],
  given: NodeJS.ProcessEnv = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    // A block is a program of its own: what the test runner sets in its environment is not for it.
    const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_NO_WARNINGS: '1', ...given }
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIME_LIMIT_MS })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', reject)
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
  })
}
