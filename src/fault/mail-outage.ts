import { connectTime } from './connect-time.ts'
import type { Fault } from './fault.ts'

const submissionPort = 587

/** A mail server loses its power and stays off. Undo starts it again. */
export function mailOutage(server: string): Fault {
  return {
    name: 'mail outage',
    subject: `mail server ${server}`,
    async inject(lab) {
      const { machine } = lab.mailServer(server)
      await machine.powerCut()
      return { [Symbol.asyncDispose]: () => machine.start() }
    },
    async observe(lab) {
      const { where, tookMs } = await connectTime(lab, lab.mailServer(server).plan.address, submissionPort)
      return { tookEffect: tookMs === undefined, facts: { where, connected: tookMs !== undefined } }
    },
  }
}
