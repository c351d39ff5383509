import type { BlockingConnection, Command, Reply, RespClient, Subscription } from '../src/resp-client.ts'

export interface FakeClient extends RespClient {
  /** Every command sent, in order. */
  readonly sent: readonly Command[]
}

type Answer = (command: Command, count: number) => Reply | Promise<Reply>

/** A client without a server: `answer` is given each command and how many came before it. */
export function fakeClient(answer: Answer): FakeClient {
  const sent: Command[] = []
  return {
    sent,
    async call(_, commands) {
      const replies: Reply[] = []
      for (const command of commands) {
        sent.push(command)
        replies.push(await answer(command, sent.length - 1))
      }
      return replies
    },
    block: (): BlockingConnection => ({
      isInterruptible: () => Promise.resolve(false),
      wait: () => Promise.resolve(null),
      waitThen: () => Promise.resolve({ taken: null, replies: [] }),
      interrupt() {},
      close() {},
    }),
    subscribe: (): Subscription => ({ add: () => Promise.resolve(), remove: () => Promise.resolve(), close() {} }),
    async close() {},
  }
}
