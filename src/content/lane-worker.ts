import { parentPort } from 'node:worker_threads'
import { Lane } from './lane.ts'
import type { LaneAnswer, LaneRequest } from './lane-message.ts'
import { failureOf } from './read-failure.ts'

/** The program of a thread of `Lanes`: one lane for each disk that is being read. */
const lanes = new Map<string, Lane>()

async function obey(order: LaneRequest): Promise<Uint8Array<ArrayBuffer>> {
  if (order.do === 'open') lanes.set(order.socket, await Lane.open(order.socket, order.stallMs))
  else if (order.do === 'close') {
    lanes.get(order.socket)?.[Symbol.dispose]()
    lanes.delete(order.socket)
  } else {
    const lane = lanes.get(order.socket)
    if (lane === undefined) throw new Error('the lane is closed')
    return lane.digest(order.stretches)
  }
  return new Uint8Array()
}

parentPort?.on('message', (order: LaneRequest) => {
  const answer = (one: LaneAnswer, transfer: ArrayBuffer[] = []) => parentPort?.postMessage(one, transfer)
  obey(order).then(
    (records) => answer({ number: order.number, records }, [records.buffer]),
    (error: unknown) => answer({ number: order.number, failure: failureOf(error) }),
  )
})
