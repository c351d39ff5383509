import { KINDS, type Kind } from '../kinds.mjs'

/** The shared server; every test has keys of its own. */
export function urlOf(kind: Kind): string {
  const url = process.env[KINDS[kind].variable]
  if (url === undefined)
    throw new Error(`${KINDS[kind].variable} is not set: run this by vitest, as the project servers`)
  return url
}

export const kinds = ['redis', 'valkey'] as const
