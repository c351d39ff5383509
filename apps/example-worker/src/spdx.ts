/*
 * Licence expressions as in the SPDX specification, annex D: identifiers, `WITH`, `AND`, `OR`, parentheses. AND binds tighter than OR.
 */

export type Expression =
  | { readonly kind: 'id'; readonly id: string; readonly exception: string | null }
  | { readonly kind: 'AND' | 'OR'; readonly parts: readonly Expression[] }

const ID = /^(?:DocumentRef-[\w.-]+:)?[A-Za-z0-9][A-Za-z0-9.-]*\+?$/
const WORD = /^(?:AND|OR|WITH)$/i
const LONGEST = 500

/** null: not a licence expression. */
export function parseExpression(text: string): Expression | null {
  if (text.length > LONGEST) return null
  const tokens = text.match(/[()]|[^\s()]+/g) ?? []
  let at = 0

  function list(word: 'AND' | 'OR', part: () => Expression | null): Expression | null {
    const parts: Expression[] = []
    do {
      const one = part()
      if (one === null) return null
      parts.push(one)
    } while (tokens[at]?.toUpperCase() === word && at++ >= 0)
    const [only] = parts
    return parts.length === 1 && only !== undefined ? only : { kind: word, parts }
  }

  function either(): Expression | null {
    return list('OR', () => list('AND', unit))
  }

  function unit(): Expression | null {
    const token = tokens[at++] ?? ''
    if (token === '(') {
      const inner = either()
      return tokens[at++] === ')' ? inner : null
    }
    if (!isId(token)) return null
    if (tokens[at]?.toUpperCase() !== 'WITH') return { kind: 'id', id: token, exception: null }
    const exception = tokens[at + 1] ?? ''
    at += 2
    return isId(exception) ? { kind: 'id', id: token, exception } : null
  }

  const expression = either()
  return at === tokens.length ? expression : null
}

/** In one spelling: no needless parentheses, words in capitals. */
export function formatExpression(expression: Expression): string {
  if (expression.kind === 'id')
    return expression.exception === null ? expression.id : `${expression.id} WITH ${expression.exception}`
  return expression.parts
    .map((part) => (part.kind === 'OR' ? `(${formatExpression(part)})` : formatExpression(part)))
    .join(` ${expression.kind} `)
}

/** Whether a condition on identifiers can not be avoided: of an OR it must hold for every choice, of an AND for one part. */
export function mustAccept(expression: Expression, condition: (id: string) => boolean): boolean {
  if (expression.kind === 'id') return condition(expression.id)
  const holds = (part: Expression): boolean => mustAccept(part, condition)
  return expression.kind === 'OR' ? expression.parts.every(holds) : expression.parts.some(holds)
}

function isId(token: string): boolean {
  return ID.test(token) && !WORD.test(token)
}
