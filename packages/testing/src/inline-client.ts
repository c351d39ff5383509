import type { BulkHandle, Client, Handle } from '@millrace/core'

/** The same client, each enqueue of which returns when `run` has run what it wrote. */
export function inlineClient(client: Client, run: (ids: readonly string[]) => Promise<unknown>): Client {
  const inline: Client = {
    ...client,

    async enqueue<Input, Output>(...call: Parameters<typeof client.enqueue<Input, Output>>): Promise<Handle<Output>> {
      const handle = await client.enqueue(...call)
      await run([handle.id])
      return handle
    },

    async enqueueMany<Input, Output>(
      ...call: Parameters<typeof client.enqueueMany<Input, Output>>
    ): Promise<readonly BulkHandle<Output>[]> {
      const handles = await client.enqueueMany(...call)
      await run(handles.map(({ id }) => id))
      return handles
    },

    async enqueueAndWait(task, input, options = {}) {
      const { timeout: _timeout, signal, ...given } = options
      const handle = await inline.enqueue(task, input, given)
      // What has not ended by now waits for a later instant, and nobody moves the time while this is waited for.
      return await handle.result({ timeout: 0, ...(signal === undefined ? {} : { signal }) })
    },

    [Symbol.asyncDispose]: () => client.close(),
  }
  return inline
}
