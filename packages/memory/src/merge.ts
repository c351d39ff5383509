/**
 * One ordered sequence out of several: always the least of what the sources offer next, in O(log k) per item. A source is asked
 * for its next item only after the one before was dealt with, so it may depend on what was done with it.
 */
export function* merge<T>(sources: readonly Iterator<T>[], precedes: (a: T, b: T) => boolean): Generator<T, void> {
  const heap: Head<T>[] = []
  for (const source of sources) {
    const next = source.next()
    if (next.done !== true) rise(heap, { item: next.value, source }, precedes)
  }
  for (let head = heap[0]; head !== undefined; head = heap[0]) {
    yield head.item
    const next = head.source.next()
    const last = next.done === true ? heap.pop() : { item: next.value, source: head.source }
    if (last !== undefined && heap.length > 0) sink(heap, last, precedes)
  }
}

/** What a source offers next. */
interface Head<T> {
  readonly item: T
  readonly source: Iterator<T>
}

/** Puts a head at the bottom of the heap and lets it rise to its place. */
function rise<T>(heap: Head<T>[], head: Head<T>, precedes: (a: T, b: T) => boolean): void {
  let at = heap.length
  while (at > 0) {
    const above = (at - 1) >> 1
    const parent = heap[above]
    if (parent === undefined || !precedes(head.item, parent.item)) break
    heap[at] = parent
    at = above
  }
  heap[at] = head
}

/** Puts a head on top of the heap, in the place of the one there, and lets it sink to its place. */
function sink<T>(heap: Head<T>[], head: Head<T>, precedes: (a: T, b: T) => boolean): void {
  let at = 0
  for (;;) {
    const left = heap[2 * at + 1]
    const right = heap[2 * at + 2]
    const takesRight = left !== undefined && right !== undefined && precedes(right.item, left.item)
    const child = takesRight ? right : left
    if (child === undefined || !precedes(child.item, head.item)) break
    heap[at] = child
    at = 2 * at + (takesRight ? 2 : 1)
  }
  heap[at] = head
}
