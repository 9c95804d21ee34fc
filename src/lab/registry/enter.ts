import { SshShell } from '../../shell/ssh.ts'
import { openEngine } from '../engine/open-engine.ts'
import { findMachine } from './find-machine.ts'
import type { Ledger } from './ledger.ts'

/**
 * A session, or one command, in a machine of a lab that another process holds.
 *
 * @param node `recovery-compute-1` or `recovery/compute-1`
 * @returns its exit code
 * @throws InputError when there is no such machine, or more than one
 */
export async function enterMachine(
  ledger: Ledger,
  node: string,
  command: readonly string[],
  run?: string,
): Promise<number> {
  const { record, machine } = await findMachine(ledger, node, run === undefined ? {} : { run })
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
