import { MachineError } from '../../../errors.ts'
import { identifyProcess } from '../../../localhost/process-identity.ts'

/** What a hub is called outside of its process: `PID-START`, so that no later process of that number is taken for it. */
export async function hubIdOf(pid: number): Promise<string> {
  const identity = await identifyProcess(pid)
  if (identity === undefined) throw gone(pid)
  return `${pid}-${identity.startTime}`
}

/** Its process. @throws MachineError when that is no more, whoever has its number now */
export async function hubPidOf(id: string): Promise<number> {
  const pid = Number(id.split('-')[0])
  if ((await identifyProcess(pid)) === undefined || (await hubIdOf(pid)) !== id) throw gone(pid)
  return pid
}

function gone(pid: number): MachineError {
  return new MachineError('lab-gone', `the lab is gone: process ${pid} held its network, and has ended`)
}
