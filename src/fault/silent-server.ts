import { connectTime } from './connect-time.ts'
import type { Fault } from './fault.ts'

/** An NFS server stops answering, with its connections open. Undo lets it go on. */
export function silentServer(server: string): Fault {
  return {
    name: 'silent server',
    subject: `server ${server}`,
    async inject(lab) {
      await lab.server(server).pause()
      return { [Symbol.asyncDispose]: () => lab.server(server).resume() }
    },
    async observe(lab) {
      const { where, tookMs } = await connectTime(lab, lab.server(server).address)
      return { tookEffect: tookMs === undefined, facts: { where, connected: tookMs !== undefined } }
    },
  }
}
