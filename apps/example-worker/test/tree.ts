import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach } from 'vitest'

/** What lies at a path: text, an object as JSON, or a link. */
type Leaf = string | Uint8Array | object | Link

interface Link {
  readonly linkTo: string
}

export function link(target: string): Link {
  return { linkTo: target }
}

const made: string[] = []

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is gone after the test, with what the paths say; a path that ends in `/` is an empty folder. */
export function tree(leaves: Readonly<Record<string, Leaf>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'millrace-example-'))
  chmodSync(root, 0o755)
  made.push(root)
  for (const [path, leaf] of Object.entries(leaves)) {
    const place = join(root, path)
    mkdirSync(path.endsWith('/') ? place : dirname(place), { recursive: true })
    if (path.endsWith('/')) continue
    if (isLink(leaf)) symlinkSync(leaf.linkTo, place)
    else writeFileSync(place, typeof leaf === 'string' || leaf instanceof Uint8Array ? leaf : JSON.stringify(leaf))
  }
  return root
}

function isLink(leaf: Leaf): leaf is Link {
  return typeof leaf === 'object' && 'linkTo' in leaf
}

export function manifest(name: string, version = '1.0.0', more: object = {}): object {
  return { name, version, license: 'MIT', ...more }
}
