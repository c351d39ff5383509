/**
 * How often the server has run each command, those inside scripts as well: from the text of `INFO commandstats`, by names in lower case.
 * @param {string} text
 * @returns {ReadonlyMap<string, number>}
 */
export function callsIn(text) {
  const calls = [...text.matchAll(/^cmdstat_(\S+):calls=(\d+)/gm)]
  return new Map(calls.map(([, name = '', count]) => [name, Number(count)]))
}
