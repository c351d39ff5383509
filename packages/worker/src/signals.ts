/** What ends a process that is asked politely. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * The first signal calls `first`, the second one `second`. From then on signals do again what they do without this, so that a third one
 * ends the process. The answer takes the listeners back.
 */
export function onSignals(first: () => void, second: () => void): () => void {
  let seen = 0
  function off(): void {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
  function listener(): void {
    seen += 1
    if (seen === 1) return first()
    off()
    second()
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return off
}
