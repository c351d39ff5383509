/** Text that is safe as it is. Everything else is escaped where it is put into a page. */
export interface Markup {
  readonly markup: string
}

type Part = string | number | Markup | readonly Markup[]

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Controls, and the characters that turn the direction of what follows: a name must not rewrite its neighbours. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const UNSHOWABLE = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g

export function escapeHtml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(UNSHOWABLE, '\uFFFD')
    .replaceAll(/[&<>"']/g, (one) => ENTITIES[one] ?? one)
}

/** A template whose values are escaped, unless they are markup themselves. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let markup = texts[0] ?? ''
  for (const [index, part] of parts.entries()) markup += textOf(part) + (texts[index + 1] ?? '')
  return { markup }
}

function textOf(part: Part): string {
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part))
  return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('')
}
