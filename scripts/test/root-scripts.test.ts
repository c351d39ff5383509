import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const path = fileURLToPath(new URL('../../package.json', import.meta.url))
const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(readFileSync(path, 'utf8'))
const SETUP = 'node scripts/setup.mjs'
const commands = Object.keys(scripts).filter((name) => scripts[name] !== SETUP)

it.for(commands)('npm run %s works in a fresh clone: it installs first, also the Node that it runs on', (name) => {
  expect(scripts[`pre${name}`]).toBe(SETUP)
})

it.for(['demo', 'serve', 'bench', 'pack:all'])('npm run %s builds what it runs or packs', (name) => {
  expect(scripts[name]).toMatch(/^node scripts\/build\.mjs\b.* && /)
})
