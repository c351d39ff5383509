import { access, constants, mkdir, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, messageOf, Refusal } from './refusal.ts'

/** The folder's real path. @throws Refusal that says why it cannot be taken. */
export async function readableFolder(path: string): Promise<string> {
  try {
    const real = await realpath(path)
    if (!(await stat(real)).isDirectory()) throw new Refusal(`${path} is a file, not a folder.`)
    await access(real, constants.R_OK | constants.X_OK)
    return real
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(REASONS[codeOf(error)]?.(path) ?? `The folder ${path} cannot be used: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

const REASONS: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `There is no folder ${path}.`,
  ENOTDIR: (path) => `There is no folder ${path}.`,
  ELOOP: (path) => `${path} is a link that leads to itself.`,
  EACCES: (path) => `The folder ${path} may not be read.`,
}

/** Makes the folder if need be. @throws Refusal unless files can be written there. */
export async function writableFolder(path: string): Promise<void> {
  try {
    await makeFolder(path)
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    const why = codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTDIR' ? 'it is not a folder' : messageOf(error)
    throw new Refusal(`The report cannot be written to ${path}: ${why}`, { cause: error })
  }
}

/** With the folders above it. Step by step: `mkdir` with `recursive` never ends in file systems that refuse with ENOENT, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return
    const parent = dirname(path)
    if (codeOf(error) !== 'ENOENT' || parent === path || (await isThere(parent))) throw error
    await makeFolder(parent)
    await mkdir(path)
  }
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
