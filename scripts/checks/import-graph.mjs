import { dirname, join, normalize } from 'node:path'
import { filesBelow, packagesOf, read } from './files.mjs'
import { importsOf, tokenize } from './tokens.mjs'

/**
 * Who may import whom. `types` may be imported as types only; `peers` are brought by the user.
 * @type {Record<string, { runs?: string[], types?: string[], peers?: string[], node?: false }>}
 */
const ARROWS = {
  core: { types: ['@standard-schema/spec'], node: false },
  memory: { runs: ['@millrace/core'] },
  worker: { runs: ['@millrace/core', 'croner'] },
  testing: { runs: ['@millrace/core', '@millrace/memory', '@millrace/worker'] },
  'redis-protocol': { runs: ['@millrace/core'] },
  redis: { runs: ['@millrace/core', '@millrace/redis-protocol'], peers: ['ioredis'] },
  valkey: { runs: ['@millrace/core', '@millrace/redis-protocol'], peers: ['iovalkey'] },
  conformance: { runs: ['@millrace/core'], peers: ['vitest'] },
}

/** The libraries that talk to a server, and the one package that may know each. */
const CLIENTS = [
  { name: /^ioredis$/, owner: '@millrace/redis' },
  { name: /^iovalkey$/, owner: '@millrace/valkey' },
  { name: /^(redis|@redis\/.+|@valkey\/.+|bullmq|bee-queue)$/, owner: 'no package' },
]

/**
 * Compares package.json files and imports with the drawing.
 * @param {string} root
 */
export function importGraph(root) {
  const problems = []
  for (const { folder, name, manifest } of packagesOf(root)) {
    const arrows = ARROWS[name]
    if (arrows === undefined) problems.push(`${folder}: not in the drawing (scripts/checks/import-graph.mjs)`)
    else problems.push(...declared(folder, manifest, arrows), ...imported(root, folder, manifest, arrows))
  }
  for (const { folder, manifest } of packagesOf(root, 'apps')) {
    for (const { where, from } of sourceImports(root, folder)) {
      if (packageOf(from) === '@millrace/conformance')
        problems.push(`${where}: no source imports the conformance suite`)
    }
    problems.push(...clients(folder, manifest))
  }
  return { problems }
}

/** @param {string} folder @param {import('./files.mjs').Manifest} manifest @param {(typeof ARROWS)[string]} arrows */
function declared(folder, manifest, { runs = [], types = [], peers = [] }) {
  const wrong = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
    .filter((name) => !runs.includes(name) && !types.includes(name))
    .map((name) => `${folder}/package.json: may not depend on ${name}`)
  const wrongPeers = Object.keys(manifest.peerDependencies ?? {})
    .filter((name) => !peers.includes(name))
    .map((name) => `${folder}/package.json: may not ask for the peer ${name}`)
  return [...wrong, ...wrongPeers, ...clients(folder, manifest)]
}

/**
 * @param {string} root @param {string} folder @param {import('./files.mjs').Manifest} manifest
 * @param {(typeof ARROWS)[string]} arrows
 */
function imported(root, folder, manifest, { runs = [], types = [], peers = [], node }) {
  const problems = []
  const known = { ...manifest.dependencies, ...manifest.peerDependencies }
  for (const { where, file, from, typeOnly } of sourceImports(root, folder)) {
    const name = packageOf(from)
    if (from.startsWith('.')) {
      const target = normalize(join(dirname(file), from))
      if (!target.startsWith(`${folder}/src/`)) problems.push(`${where}: ${from} leaves ${folder}/src`)
    } else if (from.startsWith('node:')) {
      if (node === false) problems.push(`${where}: ${from}, but this package runs anywhere, not only in Node`)
    } else if (types.includes(name) && !typeOnly) problems.push(`${where}: ${name} may be imported as a type only`)
    else if (![...runs, ...types, ...peers].includes(name)) problems.push(`${where}: may not import ${name}`)
    else if (!(name in known)) problems.push(`${where}: ${name} is not in ${folder}/package.json`)
  }
  return problems
}

/** @param {string} folder @param {import('./files.mjs').Manifest} manifest */
function clients(folder, manifest) {
  const names = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.peerDependencies })
  return names.flatMap((name) => {
    const client = CLIENTS.find((candidate) => candidate.name.test(name))
    if (client === undefined || client.owner === manifest.name) return []
    return [`${folder}/package.json: the client library ${name} belongs to ${client.owner}`]
  })
}

/** @param {string} root @param {string} folder */
function sourceImports(root, folder) {
  return filesBelow(root, `${folder}/src`)
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      importsOf(tokenize(read(root, file))).map((found) => ({ ...found, file, where: `${file}:${found.line}` })),
    )
}

/** @param {string} from */
function packageOf(from) {
  return from.split('/', from.startsWith('@') ? 2 : 1).join('/')
}
