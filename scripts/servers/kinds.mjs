/**
 * The servers that tests and demo run on: how each is called, and from which version on it will do.
 * @typedef {'redis' | 'valkey'} Kind
 * @type {Readonly<Record<Kind, { title: string, program: string, image: string, variable: string, example: string, oldest: string }>>}
 */
export const KINDS = {
  redis: {
    title: 'Redis',
    program: 'redis-server',
    image: 'redis:7',
    variable: 'MILLRACE_TEST_REDIS_URL',
    example: 'redis://127.0.0.1:6379',
    oldest: '7.0',
  },
  valkey: {
    title: 'Valkey',
    program: 'valkey-server',
    image: 'valkey/valkey:8',
    variable: 'MILLRACE_TEST_VALKEY_URL',
    example: 'redis://127.0.0.1:6380',
    oldest: '7.2',
  },
}

/**
 * What is wrong with a server that calls itself `found`; undefined if it will do.
 * @param {Kind} kind
 * @param {{ kind: Kind, version: string } | undefined} found
 */
export function objection(kind, found) {
  const { title, oldest } = KINDS[kind]
  if (found === undefined) return 'does not say which version it is'
  if (found.kind !== kind) return `is ${KINDS[found.kind].title} ${found.version}, not ${title}`
  if (isOlder(found.version, oldest)) return `is ${title} ${found.version}; ${oldest} or newer is needed`
}

/**
 * Of what `redis-server --version`, `INFO server` and a package's version say.
 * @param {string} text
 * @returns {{ kind: Kind, version: string } | undefined}
 */
export function versionIn(text) {
  const [, name, printed] = /\b(Redis|Valkey) server v=(\d+(?:\.\d+)*)/.exec(text) ?? []
  if (printed !== undefined) return { kind: name === 'Redis' ? 'redis' : 'valkey', version: printed }
  const [, valkey] = /^valkey_version:(\d+(?:\.\d+)*)/m.exec(text) ?? []
  if (valkey !== undefined) return { kind: 'valkey', version: valkey }
  const [, redis] = /^redis_version:(\d+(?:\.\d+)*)/m.exec(text) ?? []
  if (redis !== undefined) return { kind: 'redis', version: redis }
}

/** @param {string} version @param {string} oldest */
export function isOlder(version, oldest) {
  const [numbers, least] = [version, oldest].map((text) => text.split('.').map(Number))
  const at = least?.findIndex((number, index) => number !== (numbers?.[index] ?? 0)) ?? -1
  return at !== -1 && (numbers?.[at] ?? 0) < (least?.[at] ?? 0)
}
