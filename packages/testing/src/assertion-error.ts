/** What a failed assertion throws: as test frameworks know it, so that they show it as a failure and not as an error. */
export class AssertionError extends Error {
  override readonly name: string = 'AssertionError'
  readonly code = 'ERR_ASSERTION'
  readonly actual: unknown
  readonly expected: unknown

  constructor(message: string, values: { readonly actual: unknown; readonly expected: unknown }) {
    super(message)
    this.actual = values.actual
    this.expected = values.expected
  }
}
