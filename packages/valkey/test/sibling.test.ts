import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

/** The sources of a package, with every name of either library and server made the same. */
function sourcesOf(name: string): Readonly<Record<string, string>> {
  const folder = new URL(`../../${name}/src/`, import.meta.url)
  const files = readdirSync(folder).toSorted()
  return Object.fromEntries(
    files.map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8').toLowerCase()
      return [file, text.replaceAll('redis', 'valkey').replaceAll(/,?\s+/g, ' ')]
    }),
  )
}

it('says the same as its sibling, but for the names', () => {
  expect(Object.keys(sourcesOf('valkey'))).toEqual(['index.ts', 'options.ts'])
  expect(sourcesOf('valkey')).toEqual(sourcesOf('redis'))
})
