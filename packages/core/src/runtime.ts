/** Says what is missing at once and by name, instead of a TypeError somewhere later. @throws Error on Node older than 22. */
export function checkRuntime(): void {
  if (!Reflect.has(Promise, 'withResolvers'))
    throw new Error('Millrace needs Node 22.12 or newer: this runtime has no Promise.withResolvers')
}
