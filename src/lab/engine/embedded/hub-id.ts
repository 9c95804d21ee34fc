import { MachineError } from '../../../errors.ts'
import { identifyProcess } from '../../../localhost/process-identity.ts'

/** Returns the id of a hub, `PID-START`. A later process with the same number has another start time. */
export async function hubIdOf(pid: number): Promise<string> {
  const identity = await identifyProcess(pid)
  if (identity === undefined) throw gone(pid)
  return `${pid}-${identity.startTime}`
}

/** Returns the process of a hub. @throws MachineError if it has ended, also if another process has its number */
export async function hubPidOf(id: string): Promise<number> {
  const pid = Number(id.split('-')[0])
  if ((await identifyProcess(pid)) === undefined || (await hubIdOf(pid)) !== id) throw gone(pid)
  return pid
}

function gone(pid: number): MachineError {
  return new MachineError('lab-gone', `the lab has ended: process ${pid}, which held its network, has exited`)
}
