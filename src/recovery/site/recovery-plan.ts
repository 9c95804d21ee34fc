import type { User } from '../../shell/shell.ts'
import { counted } from '../../text/plural.ts'
import type { LostParents, NeededOrigin } from '../images/origin-needs.ts'
import type { NodeState } from '../node/node-state.ts'
import type { FormatCounts } from '../node/qemu-version.ts'
import type { NodePlan, StrategyPlan } from '../strategy/strategy.ts'
import type { ExpectedOnTarget } from './expected-images.ts'
import type { Recommendation } from './recommendation.ts'
import type { SiteHosts } from './site-hosts.ts'

export interface PlannedNode extends NodePlan {
  /** The node that it was planned for: `recover` checks whether it is still so. */
  readonly state: NodeState
}

/** The changes that a site needs before its restores work. All of it is data, so that it can be saved and reviewed. */
export interface RecoveryPlan {
  readonly madeAt: string
  readonly site: string
  readonly targets: readonly string[]
  /** The name of a strategy. */
  readonly strategy: string
  readonly persist: boolean
  /** The options that it was made with. It is carried out with the same. */
  readonly madeWith: NonNullable<SiteHosts['madeWith']>
  /** The product's user, from options or the inventory, or as all images have it. */
  readonly user?: User
  readonly images: number
  /** How many images use features that not every qemu-img opens. */
  readonly formats: FormatCounts
  /** The node that listed the images. */
  readonly listedBy: string
  readonly needs: readonly NeededOrigin[]
  /** Images that no preparation makes restorable. */
  readonly broken: readonly LostParents[]
  /** Images whose parents may be where nothing could be read. */
  readonly unclear: readonly LostParents[]
  /** Why some images could not be read, the first of the reasons. */
  readonly unread: readonly string[]
  /** Images by which a path is recognized later, also if no node has the share any more. */
  readonly expected: readonly ExpectedOnTarget[]
  /** How many images are not owned by the product's user. */
  readonly foreign: number
  /** Undefined if nothing is needed. */
  readonly recommendation?: Recommendation
  readonly missingInput?: NonNullable<StrategyPlan['missingInput']>
  readonly nodes: readonly PlannedNode[]
  /** Nodes that could not be read. */
  readonly unknown: readonly { readonly where: string; readonly why: string }[]
}

/** True if nothing needs to be done, nothing prevents restores, and everything could be read. */
export function isDone(plan: RecoveryPlan): boolean {
  if (isInDoubt(plan) || plan.broken.length > 0 || plan.missingInput !== undefined) return false
  return plan.nodes.every(({ actions, refusals }) => actions.length === 0 && refusals.length === 0)
}

/** True if more may be needed than the plan has, because a node or images could not be read. */
export const isInDoubt = ({ unknown, unread, unclear }: RecoveryPlan): boolean =>
  unknown.length + unread.length + unclear.length > 0

/** Why carrying the plan out would change nothing. Undefined if it would change something. */
export function whyUnchanged({ needs, nodes, unknown, missingInput }: RecoveryPlan): string | undefined {
  if (nodes.some(({ actions }) => actions.length > 0)) return undefined
  const refused = nodes.filter(({ refusals }) => refusals.length > 0).length
  const reasons = [
    ...(missingInput === undefined ? [] : [missingInput.message]),
    ...(refused > 0 ? [`refused on ${counted(refused, 'node')}`] : []),
    ...(unknown.length > 0 ? [`${counted(unknown.length, 'node')} could not be read`] : []),
  ]
  if (reasons.length > 0) return reasons.join(', and ')
  return needs.length === 0
    ? 'all images name their parents below the mount path where they are'
    : 'every origin path leads to its data on every node'
}
