import type { User } from '../../shell/shell.ts'
import { type LostParents, lostParentsSentence, type NeededOrigin } from '../images/origin-needs.ts'
import { hasTarget, type NodeState, type PairState, resolves } from '../node/node-state.ts'
import { readNodes } from './make-plan.ts'
import { compareShares, type OddShare } from './shares.ts'
import type { SiteHosts } from './site-hosts.ts'

/** Whether a path leads to its data on a node, for the service too. */
export interface Resolution {
  readonly where: string
  /** An origin path, or the mount path of a target. Empty if it is about all of them. */
  readonly path: string
  /**
   * `wrong`: the node has another share there than the other nodes. `not kept`: it resolves now, but the plan is to keep it
   * over reboots, and fstab does not.
   */
  readonly state: 'resolves' | 'not kept' | 'missing' | 'wrong' | 'unknown'
  readonly why?: string
}

/** What the images of a site need, from a saved plan or a new survey. */
export interface NeedsToCheck {
  readonly needs: readonly NeededOrigin[]
  readonly broken: readonly LostParents[]
  readonly unclear: readonly LostParents[]
  readonly unread: readonly string[]
  /** True if origin paths must resolve after a reboot, too. */
  readonly persist?: boolean
  /** The product's user. */
  readonly user?: User
  /** The node that listed the images, and has the right ones. */
  readonly listedBy?: string
}

/**
 * Checks each target and each origin path on every node, and whether all nodes have the same share there. Changes nothing,
 * and lists no images. Where no origin path is needed, a node can still lack the share, or have another one.
 */
export async function checkNodes(
  hosts: SiteHosts,
  { needs, broken, unclear, unread, persist, user, listedBy }: NeedsToCheck,
  signal: AbortSignal,
): Promise<readonly Resolution[]> {
  const read = await readNodes(hosts, { needs }, signal)
  const odd = new Map<string, ReadonlyMap<string, OddShare>>()
  for (const target of hosts.targets) {
    const having = new Set(read.flatMap(({ where, value }) => (value && isMounted(value, target) ? [where] : [])))
    const nodes = hosts.nodes.filter(({ where }) => having.has(where))
    const options = { ...(user && { user }), ...(listedBy !== undefined && { reference: listedBy }), signal }
    odd.set(target, await compareShares(nodes, target, options))
  }
  const resolutions = read.flatMap(({ where, value, error }): Resolution[] =>
    value === undefined
      ? [{ where, path: '', state: 'unknown', why: error.message }]
      : [...targetsOf(where, value, odd), ...originsOf(where, value, persist === true)],
  )
  const ofImages = (state: Resolution['state']) => (why: string) => ({ where: hosts.site, path: '', state, why })
  const lost = broken.map(lostParentsSentence)
  const unseen = [...unclear.map(lostParentsSentence), ...unread]
  return [...resolutions, ...lost.map(ofImages('missing')), ...unseen.map(ofImages('unknown'))]
}

function isMounted(state: NodeState, target: string): boolean {
  return state.targets.some((one) => one.host.path === target && hasTarget(state, one) === true)
}

function targetsOf(
  where: string,
  state: NodeState,
  odd: ReadonlyMap<string, ReadonlyMap<string, OddShare>>,
): Resolution[] {
  return state.targets.map((target) => {
    const { path, mount } = target.host
    const found = hasTarget(state, target)
    if (found === true) return { where, path, ...(odd.get(path)?.get(where) ?? { state: 'resolves' }) }
    if (found === undefined) return { where, path, state: 'unknown', why: state.serviceUnknown ?? '' }
    return { where, path, state: 'missing', why: mount === undefined ? 'nothing is mounted there' : hostOnly }
  })
}

const hostOnly = "the host sees it, but the product's service does not"

function originsOf(where: string, state: NodeState, persist: boolean): Resolution[] {
  return state.pairs.map((pair) => {
    const { path } = pair.origin
    const found = resolves(state, pair)
    if (found === true) return { where, path, ...(persist ? afterReboot(pair) : { state: 'resolves' }) }
    if (found === undefined) return { where, path, state: 'unknown', why: state.serviceUnknown ?? '' }
    return { where, path, state: 'missing', why: whyMissing(pair) }
  })
}

/** Whether an origin path that resolves now does so after a reboot. A symbolic link lasts as it is. */
function afterReboot({ origin, isKeptInFstab, fstabRemarks = [] }: PairState): Pick<Resolution, 'state' | 'why'> {
  const isLink = origin.mount === undefined && origin.link !== undefined
  const why = fstabRemarks.join('. ')
  if (isKeptInFstab || isLink) return { state: 'resolves', ...(why !== '' && { why }) }
  return { state: 'not kept', why: why === '' ? 'no line of /etc/fstab binds it at boot' : why }
}

function whyMissing({ origin, local }: PairState): string {
  if (origin.mount !== undefined && origin.mount.of === local.mount?.of) return hostOnly
  if (local.mount === undefined) return `nothing is mounted at ${local.path}`
  if (origin.mount !== undefined)
    return `${origin.mount.source} is mounted there, which is not what is mounted at ${local.path}`
  const reasons = {
    missing: 'it does not exist',
    other: 'it is not a directory',
    directory: 'nothing is mounted there',
  }
  return origin.kind === 'unreadable' ? (origin.error ?? 'it cannot be read') : reasons[origin.kind]
}
