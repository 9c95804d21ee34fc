import { stringify } from 'yaml'
import { quote } from '../../shell/quote.ts'

const connectTimeoutS = 60

/** A machine of a lab, as seen from outside. */
export interface ReachableMachine {
  /** `recovery-compute-1`. */
  readonly name: string
  /** `recovery/compute-1`. */
  readonly where: string
  /** The address on the storage network. */
  readonly address: string
  readonly role: 'server' | 'service' | 'appliance' | 'compute'
  /** Undefined for a server or service. */
  readonly site?: ReachableSite
}

/** The site of a machine, as an inventory describes it. */
export interface ReachableSite {
  readonly name: string
  readonly distribution: string
  readonly version: string
  readonly baseDirectory: string
  readonly pathRule: string
  readonly mountOptions: string
  readonly mountedBy: string
  readonly user: { readonly uid: number; readonly gid: number }
  readonly shares: readonly string[]
  /** The mount namespace of the product's service. Undefined if the service runs in that of the host. */
  readonly serviceNamespace?: string
}

/** Absolute paths of the files. */
export interface AccessPaths {
  readonly sshConfig: string
  readonly knownHosts: string
  readonly key: string
}

/** Returns the names of a machine: `compute-1` as well, if only one machine has this short name. */
function namesOf({ name, where }: ReachableMachine, machines: readonly ReachableMachine[]): readonly string[] {
  const short = shortOf(where)
  const meant = machines.filter((machine) => machine.name === short || shortOf(machine.where) === short)
  return short === name || meant.length > 1 ? [name] : [name, short]
}

const shortOf = (where: string): string => where.slice(where.indexOf('/') + 1)

/**
 * Returns a complete configuration for OpenSSH's client, which needs no file in ~/.ssh. Guests share no network with this
 * machine, so a relay connects to them.
 *
 * @param relay returns the command line that connects its standard streams with the SSH server of a machine
 */
export function sshConfigText(
  machines: readonly ReachableMachine[],
  paths: AccessPaths,
  relay: (machine: ReachableMachine) => readonly [string, ...string[]],
): string {
  const hosts = machines.map((machine) =>
    [
      `Host ${namesOf(machine, machines).join(' ')}`,
      `  HostName ${machine.address}`,
      `  HostKeyAlias ${machine.name}`,
      `  ProxyCommand ${quote(relay(machine)).replaceAll('%', '%%')}`,
    ].join('\n'),
  )
  const all = [
    'Host *',
    '  User root',
    `  IdentityFile "${paths.key}"`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile "${paths.knownHosts}"`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
    '  UpdateHostKeys no',
    `  ConnectTimeout ${connectTimeoutS}`,
  ].join('\n')
  return `${[...hosts, all].join('\n\n')}\n`
}

/** Returns known_hosts. All machines of a lab have the same key from their first boot on. */
export function knownHostsText(machines: readonly ReachableMachine[], hostKey: string): string {
  return machines.map(({ name }) => `${name} ${hostKey.trim().split(/\s+/).slice(0, 2).join(' ')}\n`).join('')
}

/** Returns an inventory for Ansible: one group for each site, and `appliances`, `computes`, `nodes` and `servers`. */
export function ansibleInventoryText(machines: readonly ReachableMachine[], { sshConfig }: AccessPaths): string {
  const hosts = Object.fromEntries(
    machines.map(({ name, address, role, site }) => [
      name,
      {
        storage_address: address,
        role,
        ...(site !== undefined && { site: site.name, base_directory: site.baseDirectory, shares: [...site.shares] }),
      },
    ]),
  )
  const group = (members: readonly ReachableMachine[]) => ({
    hosts: Object.fromEntries(members.map(({ name }) => [name, {}])),
  })
  const nodes = machines.filter(({ site }) => site !== undefined)
  // Names of groups in Ansible have no dashes.
  const sites = Object.groupBy(nodes, ({ site }) => `site_${site?.name.replaceAll('-', '_')}`)
  const children = {
    servers: group(machines.filter(({ role }) => role === 'server')),
    services: group(machines.filter(({ role }) => role === 'service')),
    nodes: group(nodes),
    appliances: group(machines.filter(({ role }) => role === 'appliance')),
    computes: group(machines.filter(({ role }) => role === 'compute')),
    ...Object.fromEntries(Object.entries(sites).map(([name, members]) => [name, group(members ?? [])])),
  }
  const vars = {
    ansible_ssh_common_args: `-F ${quote([sshConfig])}`,
    // Ansible's own 10 s would override ConnectTimeout. A busy machine needs more for several logins at once.
    ansible_ssh_timeout: connectTimeoutS,
    ansible_user: 'root',
    ansible_python_interpreter: '/usr/bin/python3',
  }
  return stringify({ all: { vars, hosts, children } }, { aliasDuplicateObjects: false })
}

/** Returns an inventory for dr-drill, with the nodes as hosts that are reached over SSH. */
export function inventoryText(machines: readonly ReachableMachine[], { sshConfig }: AccessPaths): string {
  const bySite = Map.groupBy(
    machines.filter(({ site }) => site !== undefined),
    ({ site }) => site?.name,
  )
  const sites = [...bySite.values()].flatMap((nodes) => {
    const site = nodes[0]?.site
    if (site === undefined) return []
    return {
      name: site.name,
      distribution: site.distribution,
      version: site.version,
      baseDirectory: site.baseDirectory,
      pathRule: site.pathRule,
      mountOptions: site.mountOptions,
      mountedBy: site.mountedBy,
      owner: { uid: site.user.uid, gid: site.user.gid },
      shares: [...site.shares],
      service: site.serviceNamespace === undefined ? 'host' : { namespace: site.serviceNamespace },
      nodes: nodes.map(({ name, where, role }) => ({ name: shortOf(where), role, address: name })),
    }
  })
  return stringify({ sshConfig, sites })
}
