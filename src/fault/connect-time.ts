import { MachineError } from '../errors.ts'
import type { Lab } from '../lab/lab.ts'
import { guard, programSucceeded, pythonLine } from '../shell/python.ts'

/**
 * Measures how long a node of the lab takes to connect to a server, by default to its NFS port. `tookMs` is undefined if it does not
 * connect within two seconds.
 */
export async function connectTime(
  lab: Lab,
  address: string,
  port = 2049,
): Promise<{ readonly where: string; readonly tookMs: number | undefined }> {
  const watcher = lab.machines.find((machine) => machine.role === 'appliance' || machine.role === 'compute')
  if (watcher === undefined) throw new MachineError('no-watcher', 'the lab has no node that can observe the fault')
  const connect = `
import errno, socket, sys, time
started = time.monotonic()
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 2)
    print((time.monotonic() - started) * 1000)
except OSError as error:
    # Any other error is one of this node.
    if error.errno not in (None, errno.ETIMEDOUT, errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH):
        raise
`
  const { stdout } = programSucceeded(await watcher.shell.try([...pythonLine, guard + connect, address, `${port}`]))
  return { where: watcher.where, tookMs: stdout === '' ? undefined : Number(stdout) }
}
