import { connectTime } from './connect-time.ts'
import type { Fault } from './fault.ts'

/** An NFS server delays every packet. Undo ends the delay. */
export function slowServer(server: string, delayMs: number): Fault {
  return {
    name: 'slow server',
    subject: `server ${server}`,
    async inject(lab) {
      const { shell } = lab.server(server)
      await shell.run([
        'tc',
        'qdisc',
        'replace',
        'dev',
        'vec0',
        'root',
        'netem',
        'delay',
        `${delayMs}ms`,
        'limit',
        '100000',
      ])
      return {
        [Symbol.asyncDispose]: async () => void (await shell.run(['tc', 'qdisc', 'del', 'dev', 'vec0', 'root'])),
      }
    },
    async observe(lab) {
      const { where, tookMs } = await connectTime(lab, lab.server(server).address)
      return { tookEffect: tookMs !== undefined && tookMs >= delayMs, facts: { where, connectedAfterMs: tookMs } }
    },
  }
}
