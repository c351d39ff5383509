// Writes what follows from something else: npm run generate. With --check it only compares.
//   the life of a record in the guide, and the status table of the scripts   from core's table of transitions
//   the module with the scripts of the Redis-protocol engine                 from their Lua files
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { STATUSES, TRANSITIONS } from '../packages/core/src/status.ts'
import { engineFiles } from './generate/engine.mjs'
import { lifecycle, PAGE } from './generate/lifecycle.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

try {
  const page = { path: PAGE, text: lifecycle(current(PAGE), STATUSES, TRANSITIONS) }
  const outdated = [page, ...(await engineFiles(root))].filter(({ path, text }) => current(path) !== text)
  for (const { path, text } of outdated) {
    if (process.argv.includes('--check')) console.error(`${path} is not what it follows from. Run: npm run generate`)
    else {
      writeFileSync(join(root, path), text)
      console.log(`${path} written`)
    }
  }
  if (process.argv.includes('--check') && outdated.length > 0) process.exitCode = 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/** @param {string} path */
function current(path) {
  const file = join(root, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
