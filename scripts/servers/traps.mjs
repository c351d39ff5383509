/**
 * @typedef {import('./pairing.mjs').Exchange} Exchange
 * @typedef {string | ((exchange: Exchange) => boolean)} Match the name of a command in lower case, or whether it is the one; none: any
 *
 * Traps for commands: each catches the first that it matches, and then is gone.
 * @typedef {object} Traps
 * @property {(match?: Match) => Promise<Exchange>} set resolves when the harm is done
 * @property {(exchange: Exchange) => (() => void) | undefined} caught how to say so
 * @property {() => void} clear
 */

/** @returns {Traps} */
export function traps() {
  /** @type {{ matches: (exchange: Exchange) => boolean, spring: (exchange: Exchange) => void }[]} */
  let armed = []
  return {
    set: (match) =>
      new Promise((resolve) => {
        const isNamed = (/** @type {Exchange} */ { name }) => match === undefined || name === match
        armed.push({ matches: typeof match === 'function' ? match : isNamed, spring: resolve })
      }),
    caught(exchange) {
      const trap = armed.find(({ matches }) => matches(exchange))
      if (trap === undefined) return
      armed = armed.filter((other) => other !== trap)
      return () => trap.spring(exchange)
    },
    clear: () => void (armed = []),
  }
}
