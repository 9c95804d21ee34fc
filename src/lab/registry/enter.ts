import { SshShell } from '../../shell/ssh.ts'
import { openEngine } from '../engine/open-engine.ts'
import type { FoundMachine } from './find-machine.ts'

/**
 * Opens a session in a machine of a lab that another process holds, or runs one command there.
 *
 * @returns the exit code of the shell or of the command
 */
export async function enterMachine({ record, machine }: FoundMachine, command: readonly string[]): Promise<number> {
  const engine = await openEngine(record.engine)
  await using shell = new SshShell({
    where: machine.where,
    username: 'root',
    privateKey: machine.clientPrivateKey,
    hostKey: machine.hostPublicKey,
    connect: () => engine.connectTo(machine.hubId, machine.managementAddress, 22),
  })
  const [program, ...rest] = command
  return await shell.session(program === undefined ? {} : { command: [program, ...rest] })
}
