/** Something the user can mend: shown as one message without a stack, exit code 2. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
}

/** What to show of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

/** The code of an error of the file system or the network; empty if it has none. */
export function codeOf(thrown: unknown): string {
  const code: unknown = thrown instanceof Error ? Reflect.get(thrown, 'code') : undefined
  return typeof code === 'string' ? code : ''
}
