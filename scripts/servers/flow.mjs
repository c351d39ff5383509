/**
 * One direction of a connection: does what it is given in order, each at the earliest after the delay, and nothing while it is shut. What
 * came in the meantime is done when it opens again, as bytes under way still arrive after a partition has healed.
 * @typedef {object} Flow
 * @property {(act: () => void) => void} push
 * @property {(ms: number) => void} delay for what is pushed from now on
 * @property {() => void} shut
 * @property {() => void} open
 * @property {() => void} end forgets what was not done yet
 */

/** @returns {Flow} */
export function flow() {
  /** @type {{ due: number, act: () => void }[]} */
  let acts = []
  let delayMs = 0
  let isShut = false
  /** @type {NodeJS.Timeout | undefined} */
  let timer
  const run = () => {
    clearTimeout(timer)
    for (;;) {
      const [first] = acts
      if (isShut || first === undefined) return
      const left = first.due - performance.now()
      if (left > 0) {
        timer = setTimeout(run, Math.ceil(left))
        return
      }
      acts.shift()
      first.act()
    }
  }
  return {
    push(act) {
      acts.push({ due: delayMs === 0 ? 0 : performance.now() + delayMs, act })
      if (!isShut && acts.length === 1) run()
    },
    delay: (ms) => void (delayMs = ms),
    shut: () => void (isShut = true),
    open() {
      isShut = false
      run()
    },
    end() {
      acts = []
      clearTimeout(timer)
    },
  }
}
