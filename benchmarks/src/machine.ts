import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type as system } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** What a reader has to know to make sense of absolute figures. */
export function machineWords(): string {
  const model = cpus()[0]?.model ?? 'unknown processor'
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${model.trim()}, ${availableParallelism()} cores, ${memory} GB; ${system()} ${release()} ${arch()}; Node ${process.versions.node}`
}

/** The processes that wanted to run, on average over the last minute. */
export function load(): number {
  return loadavg()[0] ?? 0
}

const LIBRARIES = ['bullmq', 'bee-queue', 'ioredis', 'iovalkey']

/** Of the peers and the clients. */
export function versionWords(): string {
  return LIBRARIES.map((name) => `${name} ${versionOf(name)}`).join(', ')
}

function versionOf(name: string): string {
  const main = createRequire(import.meta.url).resolve(name)
  for (let folder = dirname(main); folder !== dirname(folder); folder = dirname(folder)) {
    const found = manifestIn(folder)
    if (found?.name === name) return found.version
  }
  throw new Error(`${name} has no package.json`)
}

const manifest = z.object({ name: z.string(), version: z.string() })

function manifestIn(folder: string): z.infer<typeof manifest> | undefined {
  try {
    return manifest.safeParse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).data
  } catch {
    return undefined
  }
}
