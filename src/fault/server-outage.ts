import { connectTime } from './connect-time.ts'
import type { Fault } from './fault.ts'

/** An NFS server loses its power and stays off. Undo starts it again. */
export function serverOutage(server: string): Fault {
  return {
    name: 'server outage',
    subject: `server ${server}`,
    async inject(lab) {
      await lab.server(server).powerCut()
      return { [Symbol.asyncDispose]: () => lab.server(server).start() }
    },
    async observe(lab) {
      const { where, tookMs } = await connectTime(lab, lab.server(server).address)
      return { tookEffect: tookMs === undefined, facts: { where, connected: tookMs !== undefined } }
    },
  }
}
