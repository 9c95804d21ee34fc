import { stringify } from 'yaml'
import { quote } from '../../shell/quote.ts'

const connectTimeoutS = 60

/** A machine of a lab, as those see it who come from outside. */
export interface ReachableMachine {
  /** `recovery-compute-1`. */
  readonly name: string
  /** `recovery/compute-1`. */
  readonly where: string
  /** On the storage network. */
  readonly address: string
  readonly role: 'server' | 'appliance' | 'compute'
  /** Of a node. */
  readonly site?: ReachableSite
}

/** What an inventory says of a site. */
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
  /** Of the product's service, where it has one of its own. */
  readonly serviceNamespace?: string
}

/** Absolute paths of what is written. */
export interface AccessPaths {
  readonly sshConfig: string
  readonly knownHosts: string
  readonly key: string
}

/** `compute-1` too, where only one machine can be meant. */
function namesOf({ name, where }: ReachableMachine, machines: readonly ReachableMachine[]): readonly string[] {
  const short = shortOf(where)
  const meant = machines.filter((machine) => machine.name === short || shortOf(machine.where) === short)
  return short === name || meant.length > 1 ? [name] : [name, short]
}

const shortOf = (where: string): string => where.slice(where.indexOf('/') + 1)

/**
 * A configuration for OpenSSH's client, complete: nothing of ~/.ssh is used. Guests are on no network of this machine, so
 * they are reached through a relay.
 * @param relay the command line that connects its standard streams with the SSH server of a machine
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

/** All machines of a lab show the same key, from their first boot on. */
export function knownHostsText(machines: readonly ReachableMachine[], hostKey: string): string {
  return machines.map(({ name }) => `${name} ${hostKey.trim().split(/\s+/).slice(0, 2).join(' ')}\n`).join('')
}

/** For Ansible: a group for each site, and the groups `appliances`, `computes`, `nodes` and `servers`. */
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
  const nodes = machines.filter(({ role }) => role !== 'server')
  // Ansible takes no dashes in the names of groups.
  const sites = Object.groupBy(nodes, ({ site }) => `site_${site?.name.replaceAll('-', '_')}`)
  const children = {
    servers: group(machines.filter(({ role }) => role === 'server')),
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

/** For dr-drill itself: the nodes as if they were strangers. */
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
