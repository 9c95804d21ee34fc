import { mkdir, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Lab } from '../lab.ts'
import {
  type AccessPaths,
  ansibleInventoryText,
  inventoryText,
  knownHostsText,
  type ReachableMachine,
  sshConfigText,
} from './access-texts.ts'

/** The files that lead into a lab from outside. */
export interface LabAccess extends AccessPaths {
  readonly folder: string
  readonly ansibleInventory: string
  /** An inventory for dr-drill itself. */
  readonly inventory: string
  readonly machines: readonly ReachableMachine[]
}

/**
 * Writes the files into a folder, which is created if necessary. They are valid as long as the lab lives. The password of
 * each mail server is in `NAME-password`.
 */
export async function writeAccess(lab: Lab, run: string, folder: string): Promise<LabAccess> {
  const machines = machinesOf(lab)
  const paths: AccessPaths = {
    sshConfig: join(folder, 'ssh_config'),
    knownHosts: join(folder, 'known_hosts'),
    key: join(folder, 'id_ed25519'),
  }
  const ansibleInventory = join(folder, 'ansible-inventory.yaml')
  const inventory = join(folder, 'inventory.yaml')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const write = (file: string, text: string) => writeFile(file, text, { mode: 0o600 })
  const mailServers = machines.filter(({ role }) => role === 'service').map(({ name }) => lab.mailServer(name))
  await Promise.all([
    ...mailServers.map(({ plan, password }) => write(join(folder, `${plan.name}-password`), password)),
    write(
      paths.sshConfig,
      sshConfigText(machines, paths, ({ name }) => relayCommand(run, lab.name, name)),
    ),
    write(paths.knownHosts, knownHostsText(machines, lab.keys.hostPublic)),
    write(paths.key, lab.keys.clientPrivate),
    write(ansibleInventory, ansibleInventoryText(machines, paths)),
    write(inventory, inventoryText(machines, paths)),
  ])
  return { ...paths, folder, ansibleInventory, inventory, machines }
}

function machinesOf(lab: Lab): readonly ReachableMachine[] {
  return lab.machines.map((machine) => {
    const { name, where, address, role } = machine
    if (role === 'server' || role === 'service') return { name, where, address, role }
    const { plan } = lab.siteOf(machine)
    const { serviceNamespace } = machine
    return {
      name,
      where,
      address,
      role,
      site: {
        ...plan,
        shares: plan.shares.map(({ share }) => share.text),
        ...(serviceNamespace !== undefined && { serviceNamespace }),
      },
    }
  })
}

/** Returns the command line of a relay: another process of this tool, which reads the same ledger. */
function relayCommand(run: string, lab: string, machine: string): readonly [string, ...string[]] {
  const program = join(import.meta.dirname, `../../cli/bin${extname(import.meta.filename)}`)
  const state = process.env['XDG_STATE_HOME']
  const environment = state ? ['env', `XDG_STATE_HOME=${state}`] : []
  const [first = process.execPath, ...rest] = [...environment, process.execPath, program]
  return [first, ...rest, 'lab', 'connect', '--run', run, '--lab', lab, machine]
}
