import { constants, open } from 'node:fs/promises'
import { codeOf } from './refusal.ts'

export type TextReading =
  | { readonly text: string; readonly problem: null }
  | { readonly text: null; readonly problem: string; readonly missing: boolean }

/**
 * The UTF-8 text of a plain file of at most `maxBytes`, or what is wrong with it. Never throws, never follows a link (it could lead out of
 * the package), never waits on a pipe.
 */
export async function readText(path: string, maxBytes: number): Promise<TextReading> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const { size } = await file.stat().then((stat) => (stat.isFile() ? stat : Promise.reject(new Error('no file'))))
      if (size > maxBytes) return broken(`is larger than ${maxBytes / 1024} KiB`)
      return decode(await file.readFile())
    } finally {
      await file.close()
    }
  } catch (error) {
    return broken(READABLE[codeOf(error)] ?? 'is not a file', codeOf(error) === 'ENOENT')
  }
}

const READABLE: Readonly<Record<string, string>> = {
  ENOENT: 'is missing',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
  ELOOP: 'is a link, which is not followed',
  EISDIR: 'is a folder',
  EIO: 'could not be read from the disk',
  EMFILE: 'could not be read: too many files are open',
}

function decode(bytes: Uint8Array): TextReading {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), problem: null }
  } catch {
    return broken('is not UTF-8 text')
  }
}

function broken(problem: string, missing = false): TextReading {
  return { text: null, problem, missing }
}
