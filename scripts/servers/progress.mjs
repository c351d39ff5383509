/**
 * Says what is being done, and every two seconds that it still is.
 * @returns {{ say: (doing: string) => void, done: () => void }}
 */
export function progress() {
  /** @type {NodeJS.Timeout | undefined} */
  let ticker
  const done = () => clearInterval(ticker)
  return {
    say(doing) {
      done()
      const started = performance.now()
      const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`
      console.log(`  ${doing}`)
      ticker = setInterval(() => console.log(`  still ${doing} (${seconds()})`), 2000)
    },
    done,
  }
}
