import assert from 'node:assert/strict'

/** More than any case has records: a list that does not end fails its case, it does not go on for ever. */
const MOST_PAGES = 2_000

/** The pages of a list or an audit, each fetched with the cursor of the one before, to the last. */
export async function* pagesOf<P extends { readonly cursor: string | null }>(
  fetch: (cursor: string | null) => Promise<P>,
): AsyncGenerator<P, void> {
  let cursor: string | null = null
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page: P = await fetch(cursor)
    yield page
    if (page.cursor === null) return
    cursor = page.cursor
  }
  assert.fail(`after ${MOST_PAGES} pages there is still a cursor`)
}
