/** As much of Bun's test runner as the sample uses: its own types would come over those of Node. */
declare module 'bun:test' {
  export function test(name: string, run: () => Promise<void>): void
}
