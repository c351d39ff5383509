const SHOWN = 5

/** For a message: the first few, and how many more there are. */
export function listed(names: readonly string[]): string {
  const hidden = names.length - SHOWN
  return names.slice(0, SHOWN).join(', ') + (hidden > 0 ? ` and ${hidden} more` : '')
}
