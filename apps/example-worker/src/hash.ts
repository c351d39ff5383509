import { createHash, type Hash } from 'node:crypto'
import { lstat, open, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/** What a package consists of, as one hash over its sorted paths and contents. */
export interface Fingerprint {
  readonly files: number
  readonly bytes: number
  /** sha256 in hex. */
  readonly hash: string
  /** `partial`: of large files only size and beginning are in the hash, so that no package is read for minutes. */
  readonly hashed: 'full' | 'partial'
  readonly problems: readonly string[]
}

/** Of a larger file only the first part is read. */
const WHOLE_FILE_BYTES = 4 * 1_048_576
const HEAD_BYTES = 65_536
/** Of a larger package the remaining files count with path and size. */
const WHOLE_PACKAGE_BYTES = 16 * 1_048_576

/** The files of a package: everything below its folder but its own node_modules. Links are not followed; they count as the text they hold. */
export async function fingerprint(folder: string, signal: AbortSignal): Promise<Fingerprint> {
  const { paths, unreadable } = await filesBelow(folder)
  const hash = createHash('sha256')
  let files = 0
  let bytes = 0
  let read = 0
  let isPartial = false
  const failed = [...unreadable]
  for (const path of paths) {
    signal.throwIfAborted()
    try {
      const part = await addFile(hash, folder, path, WHOLE_PACKAGE_BYTES - read)
      read += part.read
      bytes += part.size
      files++
      if (part.read < part.size) isPartial = true
    } catch {
      failed.push(path)
      hash.update(`\0${path}\0unreadable`)
    }
  }
  return {
    files,
    bytes,
    hash: hash.digest('hex'),
    hashed: isPartial ? 'partial' : 'full',
    problems: failed.length === 0 ? [] : [`could not be read: ${summary(failed)}`],
  }
}

interface Part {
  readonly size: number
  readonly read: number
}

/** @throws what the file system says. */
async function addFile(hash: Hash, folder: string, path: string, budget: number): Promise<Part> {
  const place = join(folder, path)
  const stat = await lstat(place)
  if (stat.isSymbolicLink()) {
    const link = await readlink(place)
    hash.update(`\0${path}\0link\0${link}`)
    return { size: link.length, read: link.length }
  }
  const { size } = stat
  if (!stat.isFile()) {
    hash.update(`\0${path}\0special`)
    return { size: 0, read: 0 }
  }
  const content = size > budget ? Buffer.alloc(0) : size > WHOLE_FILE_BYTES ? await head(place) : await readFile(place)
  hash.update(`\0${path}\0${size}\0`).update(content)
  return { size, read: Math.min(content.length, size) }
}

async function head(place: string): Promise<Buffer> {
  const file = await open(place)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** Relative paths with `/`, in the order of their UTF-16 units: the same on every machine. */
async function filesBelow(folder: string): Promise<{ paths: readonly string[]; unreadable: readonly string[] }> {
  const paths: string[] = []
  const unreadable: string[] = []
  const left = ['']
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const entries = await readdir(join(folder, at), { withFileTypes: true }).catch(() => null)
    if (entries === null) unreadable.push(at === '' ? '.' : at)
    for (const entry of entries ?? []) {
      const path = at === '' ? entry.name : `${at}/${entry.name}`
      if (!entry.isDirectory()) paths.push(path)
      else if (path !== 'node_modules') left.push(path)
    }
  }
  return { paths: paths.toSorted(), unreadable }
}

function summary(paths: readonly string[]): string {
  const [first = '', ...others] = paths
  return others.length === 0 ? first : `${first} and ${others.length} more`
}
