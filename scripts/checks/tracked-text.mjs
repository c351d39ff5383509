import { filesBelow, read } from './files.mjs'

/** What only one machine knows; written so that no pattern matches itself. */
const PRIVATE = [
  {
    what: 'an absolute path of one machine',
    pattern: /(?<![\w.@~})-])\/(?:work|root)\/|\/home\/[\w.-]+|\/Users\/[\w.-]+/,
  },
  {
    what: 'a registry or mirror',
    pattern: /\bregistry\.[a-z]|\b(?:npmjs|npmmirror|yarnpkg)\.(?:org|com)\b|\bdeb\.debian\./,
  },
]
const BINARY = /\.(png|jpg|gif|ico|woff2?|tgz|gz)$/

/**
 * No file says where it was written: no path, registry or address of one machine.
 * @param {string} root
 */
export function trackedText(root) {
  const files = filesBelow(root).filter((file) => !BINARY.test(file))
  const problems = files.flatMap((file) => {
    const lines = read(root, file).split('\n')
    return lines.flatMap((text, index) => {
      const found = PRIVATE.find(({ pattern }) => pattern.test(text)) ?? lockedHost(file, text)
      return found === undefined ? [] : [`${file}:${index + 1}: ${found.what}`]
    })
  })
  return { problems, note: `${files.length} files` }
}

/** The lock file names packages, never the place they came from. @param {string} file @param {string} text */
function lockedHost(file, text) {
  return file === 'pnpm-lock.yaml' && /\btarball: |resolution:.*https?:/.test(text)
    ? { what: 'the lock file holds an address' }
    : undefined
}
