import { InputError } from '../errors.ts'
import { invocation } from '../invocation.ts'
import { SshShell } from '../shell/ssh.ts'
import { openEngine } from './engine/open-engine.ts'
import type { Ledger } from './ledger.ts'

/**
 * An interactive session, or one command, in a machine of a lab that another process holds.
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
  const records = (await ledger.read()).filter((record) => record.alive && (run === undefined || record.run === run))
  const machines = records.flatMap((record) => record.machines.map((machine) => ({ record, machine })))
  const found = machines.filter(({ machine }) => machine.name === node || machine.where === node)
  const [only, ...others] = found
  if (only === undefined) {
    const names = [...new Set(machines.map(({ machine }) => machine.where))]
    throw new InputError(`no lab has a machine "${node}"`, {
      remedy:
        names.length > 0 ? `there are ${names.join(', ')}` : `no lab is up; keep one with ${invocation} run --keep-lab`,
    })
  }
  if (others.length > 0) {
    const places = found.map(({ record, machine }) => `${record.run} (${machine.lab})`).join(', ')
    throw new InputError(`several labs have a machine "${node}": ${places}`, { remedy: 'name one with --run' })
  }
  const { record, machine } = only
  const engine = await openEngine(record.engine)
  await using shell = new SshShell({
    where: machine.where,
    username: 'root',
    privateKey: machine.clientPrivateKey,
    hostKey: machine.hostPublicKey,
    connect: () => engine.connectTo(machine.hubId, machine.managementAddress, 22),
  })
  const [program, ...rest] = command
  return await shell.terminal(program === undefined ? {} : { command: [program, ...rest] })
}
