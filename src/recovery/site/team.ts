import { InputError } from '../../errors.ts'
import { Host } from '../../inventory/hosts.ts'
import type { HostPlan, HostSite, ServicePlace } from '../../inventory/inventory.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { baseDirectoryTable, isContainerized } from '../../target/distribution.ts'

/** A node that a recovery is carried out on. */
export interface Member {
  readonly where: string
  /** As root. */
  readonly shell: Shell
  /** What the product's service sees; left out where it runs on the host. Throws where that cannot be told. */
  readonly service?: () => Promise<Shell>
}

export interface TeamOptions {
  /** Left out: this host alone. */
  readonly site?: HostSite
  /** Where the site has its targets mounted; default: what the inventory says of its shares. */
  readonly targets: readonly string[]
  /** The product's user; default: what the inventory says. */
  readonly user?: User
  /** Where this host's service runs; a site's inventory says it for each node. Default: as its targets' paths tell. */
  readonly service?: ServicePlace
  /** For OpenSSH's client. */
  readonly sshConfig?: string
}

/** The name of the site that this host is by itself. */
export const thisHostAlone = 'this host'

/** The nodes of a site, and what is the same on all of them. */
export class Team implements AsyncDisposable {
  readonly site: string
  readonly members: readonly Member[]
  /** Mount paths. */
  readonly targets: readonly string[]
  readonly user: User | undefined
  readonly mountedBy: 'fstab' | 'product' | undefined
  /** Whether the product does, in its version, where fstab does not mount a share. */
  readonly mountsOnDemand: boolean | undefined
  /** What neither targets nor an inventory say: a plan that is kept carries it. */
  readonly madeWith: Pick<TeamOptions, 'user' | 'service'>
  readonly #hosts: readonly Host[]

  /** @throws InputError where it is not known where targets are mounted */
  constructor({ site, targets, user, service, sshConfig }: TeamOptions) {
    const mounted = site?.shares.flatMap(({ mountPath }) => mountPath ?? []) ?? []
    this.targets = (targets.length > 0 ? targets : mounted).map((path) => path.replace(/(?<=.)\/+$/, ''))
    if (this.targets.length === 0)
      throw new InputError('where are the targets mounted?', {
        remedy:
          site === undefined
            ? 'Name the mount paths, e.g. /var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==.'
            : 'Name the mount paths, or give the site its shares, distribution and version in the inventory.',
      })
    this.site = site?.name ?? thisHostAlone
    this.madeWith = { ...(user && { user }), ...(service !== undefined && { service }) }
    this.user = user ?? site?.owner
    this.mountedBy = site?.mountedBy
    this.mountsOnDemand = site?.mountsOnDemand
    const plans = site?.hosts ?? [thisHost(service ?? servicePlaceOf(this.targets))]
    this.#hosts = plans.map((plan) => new Host(plan, sshConfig === undefined ? {} : { sshConfig }))
    this.members = this.#hosts.map((host) => ({
      where: host.where,
      shell: host.shell,
      ...(host.plan.service !== 'host' && { service: () => host.service() }),
    }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#hosts.map((host) => host[Symbol.asyncDispose]()))
  }
}

function thisHost(service: ServicePlace): HostPlan {
  const where = 'localhost'
  return { name: where, where, role: 'compute', access: { kind: 'local' }, sudo: 'auto', service }
}

/** What the host sees is no proof where only products mount that run in containers. */
function servicePlaceOf(targets: readonly string[]): ServicePlace {
  const isBelow = (base: string) => targets.some((target) => target.startsWith(`${base}/`))
  return baseDirectoryTable.some(({ path }) => isBelow(path) && isContainerized(undefined, path)) ? 'unsaid' : 'host'
}

/** What is known of the nodes of a site. */
export type Crew = Pick<Team, 'site' | 'members' | 'targets' | 'user' | 'mountedBy'> &
  Partial<Pick<Team, 'mountsOnDemand' | 'madeWith'>>

/** How many nodes at once. */
const atOnce = 32

/** What came of one node: a failure of one leaves the others' results true. */
export type Outcome<T> =
  | { readonly where: string; readonly value: T; readonly error?: never }
  | { readonly where: string; readonly error: Error; readonly value?: never }

/** On all members, several at once; in their order. */
export async function onMembers<T>(
  members: readonly Member[],
  act: (member: Member) => Promise<T>,
  signal?: AbortSignal,
): Promise<readonly Outcome<T>[]> {
  const outcomes: Outcome<T>[] = []
  const waiting = [...members.entries()]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, member] = next
      const { where } = member
      try {
        outcomes[index] = { where, value: await act(member) }
      } catch (error) {
        signal?.throwIfAborted()
        outcomes[index] = { where, error: error as Error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, members.length) }, work))
  return outcomes
}
