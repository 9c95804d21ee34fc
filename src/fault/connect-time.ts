import { MachineError } from '../errors.ts'
import type { Lab } from '../lab/lab.ts'
import { pythonLine } from '../shell/python.ts'

/**
 * Measures how long a node of the lab takes to connect to the NFS port of a server. `tookMs` is undefined if it does not
 * connect within two seconds.
 */
export async function connectTime(
  lab: Lab,
  address: string,
): Promise<{ readonly where: string; readonly tookMs: number | undefined }> {
  const watcher = lab.machines.find((machine) => machine.role !== 'server')
  if (watcher === undefined) throw new MachineError('no-watcher', 'the lab has no node that can observe the fault')
  const connect = `
import socket, sys, time
started = time.monotonic()
socket.create_connection((sys.argv[1], 2049), 2)
print((time.monotonic() - started) * 1000)`
  const { exitCode, stdout } = await watcher.shell.try([...pythonLine, connect, address])
  return { where: watcher.where, tookMs: exitCode === 0 ? Number(stdout) : undefined }
}
