/** Each item's outcome in the order of the items, with no more than `AT_ONCE` under way: files are waited for side by side. */
export async function inParallel<Item, Outcome>(
  items: readonly Item[],
  act: (item: Item) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
  const outcomes: Promise<Outcome>[] = []
  const left = items.entries()
  async function lane(): Promise<void> {
    for (const [index, item] of left) {
      outcomes[index] = act(item)
      await outcomes[index]
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  return await Promise.all(outcomes)
}

const AT_ONCE = 32
