import type { PathFinding } from '../../reason/path-evidence.ts'
import { type LostParents, lostParentsSentence } from '../images/origin-needs.ts'
import { mountRemarks } from '../node/mount-remarks.ts'
import { findingAt, findingOfTarget, type NodeState, type PairState } from '../node/node-state.ts'
import { type ReadNodesOptions, readNodes } from './make-plan.ts'
import { compareShares, type OddShare } from './shares.ts'
import type { SiteHosts } from './site-hosts.ts'

/** Whether a path leads to its images on a node, for the service too. */
export interface Resolution extends Omit<PathFinding, 'state'> {
  readonly where: string
  /** `not kept`: it resolves now, but the plan is to keep it over reboots, and fstab does not. */
  readonly state: PathFinding['state'] | 'not kept'
  /** An origin path, or the mount path of a target. Empty if it is about all of them. */
  readonly path: string
}

/** What the images of a site need, from a saved plan or a new survey. */
export interface NeedsToCheck extends ReadNodesOptions {
  readonly broken: readonly LostParents[]
  readonly unclear: readonly LostParents[]
  readonly unread: readonly string[]
  /** True if origin paths must resolve after a reboot, too. */
  readonly persist?: boolean
  /** The node that listed the images, and has the right ones. */
  readonly listedBy?: string
}

/**
 * Checks on every node that expected images are read through the mount path of each target and through each origin path, as
 * the product's user and where its service runs, and that all nodes have the same share. Changes nothing, and lists no images.
 * Where no origin path is needed, a node can still lack the share, or have another one.
 */
export async function checkNodes(
  hosts: SiteHosts,
  needs: NeedsToCheck,
  signal: AbortSignal,
): Promise<readonly Resolution[]> {
  const { broken, unclear, unread, persist = false, user, listedBy, expected } = needs
  const read = await readNodes(hosts, needs, signal)
  const odd = new Map<string, ReadonlyMap<string, OddShare>>()
  for (const target of hosts.targets) {
    const having = new Set(read.flatMap(({ where, value }) => (value && isAtPath(value, target) ? [where] : [])))
    const nodes = hosts.nodes.filter(({ where }) => having.has(where))
    const files = expected.find((one) => one.target === target)?.images.map(({ path }) => `${target}/${path}`) ?? []
    const options = { ...(user && { user }), ...(listedBy !== undefined && { reference: listedBy }), files, signal }
    odd.set(target, await compareShares(nodes, target, options))
  }
  const resolutions = read.flatMap(({ where, value, error }): Resolution[] =>
    value === undefined
      ? [{ where, path: '', state: 'unknown', why: error.message }]
      : [...targetsOf(where, value, odd), ...originsOf(where, value, persist)],
  )
  const ofImages = (state: Resolution['state']) => (why: string) => ({ where: hosts.site, path: '', state, why })
  const lost = broken.map(lostParentsSentence)
  const unseen = [...unclear.map(lostParentsSentence), ...unread]
  return [...resolutions, ...lost.map(ofImages('missing')), ...unseen.map(ofImages('unknown'))]
}

function isAtPath(state: NodeState, path: string): boolean {
  return state.targets.some((one) => one.host.path === path && findingOfTarget(state, one).state === 'resolves')
}

function targetsOf(
  where: string,
  state: NodeState,
  odd: ReadonlyMap<string, ReadonlyMap<string, OddShare>>,
): Resolution[] {
  return state.targets.map((target) => {
    const { path } = target.host
    const finding = findingOfTarget(state, target)
    return { where, path, ...(finding.state === 'resolves' ? (odd.get(path)?.get(where) ?? finding) : finding) }
  })
}

function originsOf(where: string, state: NodeState, persist: boolean): Resolution[] {
  return state.pairs.map((pair) => {
    const { origin, local } = pair
    const finding = findingAt(state, origin.path, local.path)
    const judged = persist && finding.state === 'resolves' ? afterReboot(pair, finding) : finding
    const why = [...(judged.why === undefined ? [] : [judged.why]), ...mountRemarks(pair)].join('. ')
    return { where, path: origin.path, ...judged, ...(why !== '' && { why }) }
  })
}

/** Whether an origin path that resolves now does so after a reboot. A symbolic link lasts as it is. */
function afterReboot(
  { origin, isKeptInFstab, fstabRemarks = [] }: PairState,
  { why: now }: PathFinding,
): Pick<Resolution, 'state' | 'why'> {
  const isLink = origin.mount === undefined && origin.link !== undefined
  const why = [...fstabRemarks, ...(now === undefined ? [] : [now])].join('. ')
  if (isKeptInFstab || isLink) return { state: 'resolves', ...(why !== '' && { why }) }
  return { state: 'not kept', why: why === '' ? 'no line of /etc/fstab binds it at boot' : why }
}
