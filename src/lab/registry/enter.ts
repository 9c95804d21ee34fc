import { abortable } from '../../concurrency/abortable.ts'
import { SshShell } from '../../shell/ssh.ts'
import { openEngine } from '../engine/open-engine.ts'
import type { FoundMachine } from './find-machine.ts'

/**
 * Opens a session in a machine of a lab that another process holds, or runs one command there.
 *
 * @param signal ends the session
 * @returns the exit code of the shell or of the command
 * @throws the reason of `signal`
 */
export async function enterMachine(
  { record, machine }: FoundMachine,
  command: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const engine = await abortable(openEngine(record.engine), signal)
  await using shell = new SshShell({
    where: machine.where,
    username: 'root',
    privateKey: machine.clientPrivateKey,
    hostKey: machine.hostPublicKey,
    connect: () => engine.connectTo(machine.hubId, machine.managementAddress, 22),
  })
  const [program, ...rest] = command
  return await shell.session({ signal, ...(program !== undefined && { command: [program, ...rest] as const }) })
}
