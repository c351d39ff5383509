import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command } from './command.mjs'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc')

/** As tests are compiled, but for one of them alone, and nothing is written. @param {string} file */
const configOf = (file) => ({
  extends: join(ROOT, 'tsconfig.test.json'),
  compilerOptions: {
    rootDir: ROOT,
    typeRoots: [join(ROOT, 'node_modules/@types')],
    composite: false,
    declaration: false,
    emitDeclarationOnly: false,
    noEmit: true,
    tsBuildInfoFile: null,
  },
  files: [file],
  include: [],
  references: [],
})

/**
 * What the compiler says of one test file and of what it imports, a line each. For tests whose subject are types: when they run,
 * `expectTypeOf` and `@ts-expect-error` do nothing.
 * @param {string} file
 */
export async function typeErrorsIn(file) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-types-'))
  try {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configOf(file)))
    const { ok, output } = await command(process.execPath, [TSC, '-p', folder, '--pretty', 'false'], { cwd: ROOT })
    return ok ? [] : [...output.trimEnd().split('\n'), 'the compiler refused it']
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
