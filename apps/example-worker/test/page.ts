import { expect } from 'vitest'

const VOID = new Set(['meta', 'br', 'hr', 'img', 'link', 'input'])

/** Every tag that opens closes, in order, and the page begins and ends as one. Raw text is taken as such. */
export function checkPage(page: string): void {
  expect(page).toMatch(/^<!doctype html>/i)
  const open: string[] = []
  const body = page.replace(/<style>[^]*?<\/style>/g, '').replace(/^<!doctype html>/i, '')
  for (const [tag, close, name = '', attributes = '', selfClosing] of body.matchAll(
    /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w-]+(?:="[^"<>]*")?)*)\s*(\/?)>|[<>]/g,
  )) {
    expect(tag, 'a bracket that belongs to no tag').not.toMatch(/^[<>]$/)
    expect(attributes).not.toMatch(/\son\w+=/)
    if (close === '/') expect(open.pop(), tag).toBe(name)
    else if (selfClosing !== '/' && !VOID.has(name)) open.push(name)
  }
  expect(open).toEqual([])
  expect(page.trimEnd()).toMatch(/<\/html>$/)
}
