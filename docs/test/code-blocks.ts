/** A piece of code that a page shows. */
export interface CodeBlock {
  readonly page: string
  /** The line of the opening fence, from 1. */
  readonly line: number
  readonly language: string
  readonly code: string
  /** `ts from docs/a.ts`: the block is a part of that file, not a program of its own. */
  readonly from: string | undefined
  /** `ts on-server`: it runs where a server is. `ts no-run`: it compiles, and what it needs to run is not there. */
  readonly runs: 'anywhere' | 'on-server' | 'no-run'
  /** What the page says that this program prints, from a `text output` block right after it. */
  readonly output: string | undefined
}

/** Every fenced block of a Markdown page, in order. An unclosed fence is an error. */
export function codeBlocksOf(page: string, text: string): CodeBlock[] {
  const blocks: { info: string; line: number; code: string[]; isFirst: boolean }[] = []
  let open: { mark: string; indent: string } | undefined
  let between = true
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', mark = '', info = ''] = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line) ?? []
    const block = blocks.at(-1)
    if (open === undefined && mark !== '') {
      blocks.push({ info: info.trim(), line: index + 1, code: [], isFirst: between })
      open = { mark, indent }
    } else if (open !== undefined && mark.startsWith(open.mark) && info === '') {
      open = undefined
      between = false
    } else if (open !== undefined)
      block?.code.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
    else if (line.trim() !== '') between = true
  }
  if (open !== undefined) throw new Error(`${page}:${blocks.at(-1)?.line}: this code block has no end`)

  return blocks.map(({ info, line, code }, index) => {
    const next = blocks[index + 1]
    const output = next?.info === 'text output' && !next.isFirst ? `${next.code.join('\n')}\n` : undefined
    const [language = '', word, path] = info.split(' ')
    const from = word === 'from' ? path : undefined
    const runs = word === 'on-server' || word === 'no-run' ? word : 'anywhere'
    return { page, line, language, code: `${code.join('\n')}\n`, from, runs, output }
  })
}

/** The npm scripts that a page tells its reader to run, with `npm test` as `test`. */
export function npmScriptsOf(blocks: readonly CodeBlock[]): string[] {
  const shell = blocks.filter(({ language }) => ['sh', 'bash', 'shell', 'console'].includes(language))
  return shell.flatMap(({ code }) =>
    [...code.matchAll(/\bnpm (?:run(?:-script)? (?:-\S+ )*([\w:.-]+)|(test|start)\b)/g)].map(
      (match) => match[1] ?? match[2] ?? '',
    ),
  )
}
