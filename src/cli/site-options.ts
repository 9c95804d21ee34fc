import { type Command, InvalidArgumentError, Option } from 'commander'
import { InputError } from '../errors.ts'
import { siteOfInventory } from '../inventory/inventory.ts'
import { parseServicePlace, type ServicePlace } from '../inventory/inventory-schema.ts'
import { readInventory } from '../inventory/read-inventory.ts'
import { invocation } from '../localhost/invocation.ts'
import { openSiteHosts, type SiteHosts } from '../recovery/site/site-hosts.ts'
import { defaultStrategy, strategies } from '../recovery/strategy/index.ts'
import { quoteWord } from '../shell/quote.ts'
import type { User } from '../shell/shell.ts'

/** The nodes that a command is about, and where they have their targets. */
export interface SiteFlags {
  readonly inventory?: string
  readonly site?: string
  readonly sshConfig?: string
  readonly service?: ServicePlace
  readonly user?: User
  /** The user of a saved plan, which no option has. */
  readonly plannedUser?: User
}

export function addSiteOptions(command: Command): Command {
  return command
    .argument('[mount-path...]', 'mount paths of the targets on the nodes (default: the shares in the inventory)')
    .option('-i, --inventory <file>', 'inventory of sites and their hosts, in YAML (default: this host alone)')
    .option('--site <name>', 'site of the inventory (default: its only one)')
    .option('--ssh-config <file>', "configuration file for OpenSSH's client (default: ~/.ssh/config)")
    .addOption(
      new Option(
        '--service <place>',
        "where the product's service runs on this host: host, container:NAME, process:REGEXP or namespace:FILE",
      ).argParser(parseServicePlace),
    )
    .addOption(
      new Option(
        '--user <uid:gid>',
        "the product's user, who owns the images (default: the owner of all images)",
      ).argParser(parseUser),
    )
}

/** Options of a plan, which `recover` has as well. */
export function addPlanOptions(command: Command): Command {
  const summaries = strategies.map(
    (one) => `${one.summary} (${one === defaultStrategy ? `${one.name}, the default` : one.name})`,
  )
  return command
    .addOption(
      new Option('--strategy <strategy>', `way to make origin paths resolve: ${summaries.join(', or ')}`).choices(
        strategies.map(({ name }) => name),
      ),
    )
    .option('--persist', 'keep binds over reboots, by a line in /etc/fstab')
    .addOption(
      new Option(
        '--allow-base <dir>',
        'further base directory of the lost site, below which origin paths may be made (repeatable)',
      ).argParser(addBase),
    )
    .option('--secrets <dir>', 'secrets of encrypted images: a file for each, named by its id')
}

/**
 * Opens the nodes of a site.
 * @param signal stops what runs on them
 * @throws InputError for a wrong inventory, or a site that it does not have
 */
export function openSite(
  targets: readonly string[],
  { inventory, site, sshConfig, service, user, plannedUser }: SiteFlags,
  signal: AbortSignal,
): SiteHosts & AsyncDisposable {
  if (inventory !== undefined && service !== undefined)
    throw new InputError('--service cannot be combined with --inventory', {
      remedy: 'Set `service` in the inventory, for a site or for each node.',
    })
  return openSiteHosts({
    targets,
    signal,
    ...(inventory !== undefined && { site: siteOfInventory(readInventory(inventory), site) }),
    ...(sshConfig !== undefined && { sshConfig }),
    ...(service !== undefined && { service }),
    ...(user !== undefined && { user }),
    ...(plannedUser !== undefined && { plannedUser }),
  })
}

/** Options of a command line by their names. One with several values is repeated. */
export type FurtherOptions = Readonly<Record<string, string | readonly string[] | true | undefined>>

/** A command line for the same site, to paste. */
export function commandForSite(
  command: string,
  targets: readonly string[],
  { inventory, site, sshConfig, service, user }: SiteFlags,
  further: FurtherOptions = {},
): string {
  const options = [
    ...targets,
    ...(inventory === undefined ? [] : ['--inventory', inventory]),
    ...(site === undefined ? [] : ['--site', site]),
    ...(sshConfig === undefined ? [] : ['--ssh-config', sshConfig]),
    ...(service === undefined ? [] : ['--service', servicePlaceText(service)]),
    ...(user === undefined ? [] : ['--user', `${user.uid}:${user.gid}`]),
    ...Object.entries(further).flatMap(([name, value]) => {
      if (value === undefined) return []
      if (value === true) return [`--${name}`]
      return [value].flat().flatMap((one) => [`--${name}`, one])
    }),
  ]
  return [invocation, ...command.split(' '), ...options].map((word) => quoteWord(word)).join(' ')
}

function servicePlaceText(place: ServicePlace): string {
  if (typeof place === 'string') return place
  return Object.entries(place)
    .map(([kind, value]) => `${kind}:${value}`)
    .join()
}

function addBase(text: string, others: readonly string[] = []): readonly string[] {
  const path = text.replace(/(?<=.)\/+$/, '')
  if (!isPlain(path)) throw new InvalidArgumentError('It must be an absolute path without "." and "..".')
  return [...others, path]
}

const isPlain = (path: string): boolean =>
  path.startsWith('/') && path.split('/').every((part) => part !== '.' && part !== '..')

function parseUser(text: string): User {
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? []
  if (uid === undefined || gid === undefined) throw new InvalidArgumentError('It must look like 42436:42436.')
  if (Number(uid) === 0) throw new InvalidArgumentError('It must not be root: what root can read proves no restore.')
  return { uid: Number(uid), gid: Number(gid) }
}
