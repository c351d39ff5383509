import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { filesBelow, read } from './files.mjs'

/**
 * Every relative link of every page leads to a file, and every anchor to a heading.
 * @param {string} root
 */
export function docLinks(root) {
  const pages = filesBelow(root).filter((file) => file.endsWith('.md'))
  const problems = pages.flatMap((page) =>
    linksOf(read(root, page)).flatMap(({ target, line }) => {
      const broken = broke(root, page, target)
      return broken === undefined ? [] : [`${page}:${line}: ${target}: ${broken}`]
    }),
  )
  return { problems, note: `${pages.length} pages` }
}

/** @param {string} text */
function linksOf(text) {
  return proseLines(text).flatMap(({ text: prose, line }) => {
    const inline = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)]
    const reference = [...prose.matchAll(/^\s*\[[^\]]+\]:\s+<?(\S+?)>?(?:\s|$)/g)]
    return [...inline, ...reference].map((match) => ({ target: match[1] ?? '', line }))
  })
}

/** The lines outside code, with inline code blanked. @param {string} text */
function proseLines(text) {
  let fence = ''
  return text.split('\n').flatMap((raw, index) => {
    const mark = /^\s*(```+|~~~+)/.exec(raw)?.[1]
    if (mark !== undefined) {
      if (fence === '') fence = mark
      else if (mark.startsWith(fence)) fence = ''
      return []
    }
    return fence === ''
      ? [{ text: raw.replaceAll(/`[^`]*`/g, (code) => ' '.repeat(code.length)), line: index + 1 }]
      : []
  })
}

/** @param {string} root @param {string} page @param {string} target @returns {string | undefined} */
function broke(root, page, target) {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return
  if (target.startsWith('/')) return 'write it relative to the page'
  const [path = '', anchor] = decodeURIComponent(target).split('#', 2)
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(join(root, file))) return 'no such file'
  if (anchor === undefined || anchor === '' || statSync(join(root, file)).isDirectory()) return
  if (file.endsWith('.md') && !anchorsOf(read(root, file)).has(anchor)) return 'no such heading'
}

/** The anchors that a Markdown page offers: its headings' slugs, and explicit ids. @param {string} text */
function anchorsOf(text) {
  /** @type {Set<string>} */
  const anchors = new Set()
  let inFence = false
  for (const line of text.split('\n')) {
    if (/^\s*(```|~~~)/.test(line)) inFence = !inFence
    if (inFence) continue
    for (const match of line.matchAll(/\b(?:id|name)="([^"]+)"/g)) anchors.add(match[1] ?? '')
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1]
    if (heading === undefined) continue
    const slug = slugOf(heading)
    let unique = slug
    for (let again = 1; anchors.has(unique); again++) unique = `${slug}-${again}`
    anchors.add(unique)
  }
  return anchors
}

/** @param {string} heading */
function slugOf(heading) {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}
