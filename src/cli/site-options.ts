import { type Command, InvalidArgumentError, Option } from 'commander'
import { InputError } from '../errors.ts'
import { parseServicePlace, type ServicePlace, siteOfInventory } from '../inventory/inventory.ts'
import { readInventory } from '../inventory/read-inventory.ts'
import { Team, type TeamOptions } from '../recovery/site/team.ts'

/** Which nodes a command is about, and where they have their targets. */
export interface SiteFlags {
  readonly inventory?: string
  readonly site?: string
  readonly sshConfig?: string
  readonly service?: ServicePlace
  readonly user?: { readonly uid: number; readonly gid: number }
}

export function addSiteOptions(command: Command): Command {
  return command
    .argument('[mount-path...]', 'where the nodes have their targets mounted (default: the shares in the inventory)')
    .option('-i, --inventory <file>', 'YAML with the hosts of sites (default: this host alone)')
    .option('--site <name>', 'of the inventory, where it has several')
    .option('--ssh-config <file>', "for OpenSSH's client, instead of ~/.ssh/config")
    .addOption(
      new Option(
        '--service <place>',
        'where the service of this host runs: host, container:NAME, process:REGEXP or namespace:FILE',
      ).argParser(parseServicePlace),
    )
    .addOption(new Option('--user <uid:gid>', "the product's user there, whose images they are").argParser(parseUser))
}

/** @throws InputError for an inventory that is none, or a site that it has not */
export function openTeam(targets: readonly string[], { inventory, site, sshConfig, service, user }: SiteFlags): Team {
  if (inventory !== undefined && service !== undefined)
    throw new InputError('--service: the inventory says it, for a site or for each node')
  const options: TeamOptions = {
    targets,
    ...(inventory !== undefined && { site: siteOfInventory(readInventory(inventory), site) }),
    ...(sshConfig !== undefined && { sshConfig }),
    ...(service !== undefined && { service }),
    ...(user !== undefined && { user }),
  }
  return new Team(options)
}

function parseUser(text: string): { readonly uid: number; readonly gid: number } {
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? []
  if (uid === undefined || gid === undefined) throw new InvalidArgumentError('It must be like 42436:42436.')
  return { uid: Number(uid), gid: Number(gid) }
}
