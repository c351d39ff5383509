import { checkAging } from './aging.ts'
import type { Backend } from './backend.ts'
import { checkName, checkObject, checkOptions } from './check.ts'
import type { Duration } from './duration.ts'
import { invalidArgument } from './errors.ts'

/** What an adapter package exports under its name: the URL schemes that it serves, and how. */
export interface Adapter {
  /** Without the colon: `['redis', 'rediss']`. */
  readonly schemes: readonly string[]
  /** The backend behind a URL of one of these schemes; opens on first use. The options are checked already. */
  connect(url: string, options?: ConnectOptions): Backend
}

/** What every adapter takes, whatever its server. All else is an option of its own function: `redisBackend(options)`. */
export interface ConnectOptions {
  /** Isolates one installation from the others on the server. Default `millrace`. */
  readonly namespace?: string
  /** How much waiting outweighs one priority, `"10m"` for example, for the life of the namespace. Default: what the namespace has. */
  readonly aging?: Duration
}

/**
 * The backend that a URL names, from the adapters given. One URL chooses per environment; the code stays the same.
 * @throws QueueError `invalid_argument` for a missing URL or unknown scheme, listing the schemes that would do, and for a bad option. The
 * URL itself is never shown: it may hold a password.
 */
export function connect(
  url: string | undefined,
  adapters: Readonly<Record<string, Adapter>>,
  options: ConnectOptions = {},
): Backend {
  for (const [name, adapter] of Object.entries(checkObject('adapters', adapters))) checkAdapter(name, adapter)
  checkOptions('options', options, ['namespace', 'aging'])
  if (options.namespace !== undefined) checkName('options.namespace', options.namespace)
  checkAging('options.aging', options.aging)
  const known = Object.values(adapters).flatMap(({ schemes }) => schemes)
  const scheme = typeof url === 'string' ? (/^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase() ?? null) : null
  const adapter = scheme === null ? undefined : Object.values(adapters).find(({ schemes }) => schemes.includes(scheme))
  if (typeof url === 'string' && adapter !== undefined) return adapter.connect(url, options)
  const problem =
    url === undefined || url === ''
      ? 'is missing'
      : scheme === null
        ? 'has no scheme'
        : `has the unknown scheme ${scheme}:`
  throw invalidArgument(
    'url',
    `${problem}; the adapters given serve ${known.length === 0 ? 'none' : known.map((one) => `${one}:`).join(', ')}`,
  )
}

function checkAdapter(name: string, adapter: Adapter): void {
  if (!Array.isArray(adapter?.schemes) || typeof adapter.connect !== 'function') {
    throw invalidArgument(`adapters.${name}`, 'must be what an adapter package exports under its name')
  }
}
