import { bulk, oneByOne, spaced, together } from './enqueueing.ts'
import { orderSchema, type Order } from './orders.ts'
import type { Consumer, Peer, Producer } from './peers/peer.ts'
import { isPeerName, loadPeer } from './peers/all-peers.ts'
import { createTally, type Tally } from './tally.ts'

/*
 * One peer's producer, or its worker, in a process of its own: does what the bench orders, one order at a time.
 */

const [name = ''] = process.argv.slice(2)
if (!isPeerName(name)) throw new Error(`no such peer: ${name}`)
const peer: Peer = await loadPeer(name)
let producer: Producer | undefined
let consumers: readonly Consumer[] = []
let tally: Tally | undefined

process.on('message', (message) => {
  void answer(message).then(
    (value) => process.send?.({ value }),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
// Without the bench there is nobody to work for.
process.on('disconnect', () => process.exit())
process.send?.({ value: 'ready' })

async function answer(message: unknown): Promise<unknown> {
  return (await obey(orderSchema.parse(message))) ?? {}
}

async function obey(order: Order): Promise<unknown> {
  switch (order.order) {
    case 'open':
      producer = await peer.produce(order.place)
      return
    case 'close':
      await opened().close()
      return
    case 'counts':
      return await opened().counts()
    case 'bulk':
      return await bulk(opened(), order)
    case 'one-by-one':
      return await oneByOne(opened(), order)
    case 'together':
      return await together(opened(), order)
    case 'spaced':
      return await spaced(opened(), order)
    case 'start':
      return await start(order)
    case 'reached':
      return await reached(order.patienceMs)
    case 'stop':
      await Promise.all(consumers.map((consumer) => consumer.stop()))
      consumers = []
      return started().account()
    default:
      return order satisfies never
  }
}

async function start(order: Order & { readonly order: 'start' }): Promise<void> {
  const counting = createTally(order)
  tally = counting
  const { place, workers, concurrency } = order
  const { handle } = counting
  consumers = await Promise.all(Array.from({ length: workers }, () => peer.consume(place, { concurrency, handle })))
}

async function reached(patienceMs: number): Promise<void> {
  const counting = started()
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Error(`handled only ${counting.account().handled} within ${patienceMs} ms`))
  }, patienceMs)
  await Promise.race([counting.reached, late]).finally(() => clearTimeout(timer))
}

function opened(): Producer {
  if (producer === undefined) throw new Error('the producer is not open')
  return producer
}

function started(): Tally {
  if (tally === undefined) throw new Error('no worker was started')
  return tally
}
