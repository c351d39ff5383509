import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const CORE = new URL('../../packages/core/src/index.ts', import.meta.url).href

/**
 * A module of a package as it is written, not as it was built last: nothing need be built to generate, and nothing stale is read.
 * @param {string} root
 * @param {string} path
 */
export async function packageSource(root, path) {
  const hooks = registerHooks({
    resolve: (specifier, context, next) => next(specifier === '@millrace/core' ? CORE : specifier, context),
  })
  try {
    return await import(pathToFileURL(join(root, path)).href)
  } finally {
    hooks.deregister()
  }
}
