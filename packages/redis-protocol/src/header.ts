const TAB = 9
const MINUS = 45
const ZERO = 48
const MOST_SIGNED = 5

/** The fields of a header, in order, each once. A list of them all would cost more than everything else about a record. */
export class Header {
  readonly #text: string
  readonly #end: number
  #at = 0

  /** `end`: where the header ends in the text. */
  constructor(text: string, end: number) {
    this.#text = text
    this.#end = end
  }

  /** @throws SyntaxError if there is no further field. */
  text(): string {
    const from = this.#at
    const to = this.#next()
    return from === to ? '' : this.#text.slice(from, to)
  }

  /** @throws SyntaxError if it is no whole number. */
  number(): number {
    return this.numberOr(null) ?? noNumber()
  }

  /** What an empty field stands for, or a whole number. */
  numberOr<T>(empty: T): number | T {
    const from = this.#at
    const to = this.#next()
    return from === to ? empty : this.#digits(from, to)
  }

  /** The same, of a field that may be less than nothing. It has at most five characters. */
  signedOr<T>(empty: T): number | T {
    const from = this.#at
    const to = this.#next()
    if (to > from + MOST_SIGNED) noNumber()
    if (this.#text.charCodeAt(from) !== MINUS) return from === to ? empty : this.#digits(from, to)
    return -this.#digits(from + 1, to) || noNumber()
  }

  /** What has not been read. */
  rest(): string {
    return this.#text.slice(this.#at, this.#end)
  }

  #digits(from: number, to: number): number {
    let value = 0
    for (let at = from; at < to; at++) {
      const digit = this.#text.charCodeAt(at) - ZERO
      if (digit < 0 || digit > 9) noNumber()
      value = value * 10 + digit
    }
    return Number.isSafeInteger(value) ? value : noNumber()
  }

  /** Moves behind the field; answers its end. */
  #next(): number {
    const from = this.#at
    if (from > this.#end) throw new SyntaxError('the header has another form')
    let to = from
    if (from < this.#end && this.#text.charCodeAt(from) !== TAB) {
      to = this.#text.indexOf('\t', from)
      if (to < 0 || to > this.#end) to = this.#end
    }
    this.#at = to + 1
    return to
  }
}

function noNumber(): never {
  throw new SyntaxError('a number is none')
}
