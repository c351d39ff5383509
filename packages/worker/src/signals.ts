/** What ends a process that is asked politely. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/**
 * The first signal calls `first`, each further one `again`; while this listens, they do not end the process by themselves. The answer
 * takes the listeners back.
 */
export function onSignals(first: () => void, again: () => void): () => void {
  let seen = 0
  const listener = (): void => {
    seen += 1
    if (seen === 1) first()
    else again()
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return () => {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
}
