import { mountRemarks } from '../../node/mount-remarks.ts'
import { findingAt, foundAt, isBad, type NodeState, type PairState, shows } from '../../node/node-state.ts'
import { fileRefusal } from '../file-refusal.ts'
import type { NodePlan, PlanningOptions, SiteFacts } from '../strategy.ts'
import { bindActions } from './bind-actions.ts'
import { onDemandRefusal, type PairRefusal, whyNotAbove, whyNotBound, whyNotKept, whyNotSeen } from './bind-refusals.ts'

export type BindOptions = Pick<PlanningOptions, 'persist'> & Pick<SiteFacts, 'mountedBy' | 'mountsOnDemand'>

/** Plans only the binds that are missing, and nothing for a pair of paths where something prevents it. */
export function planNode(state: NodeState, options: BindOptions): NodePlan {
  const plans = state.pairs.map((pair) => planPair(state, pair, options))
  return {
    where: state.where,
    actions: plans.flatMap((plan) => plan.actions),
    refusals: plans.flatMap((plan) => plan.refusals),
    notes: [...new Set(plans.flatMap((plan) => plan.notes))],
  }
}

type PairPlan = Pick<NodePlan, 'actions' | 'refusals' | 'notes'>

function planPair(state: NodeState, pair: PairState, options: BindOptions): PairPlan {
  const { persist } = options
  const [local, origin] = [pair.local.path, pair.origin.path]
  const isBound = leadsThere(state, pair)
  const isOnDemand = mountsOnDemand(pair, options)
  const mustBeKept = persist && !pair.isKeptInFstab
  // A link leads there as well, and lasts as it is.
  const isAllDone = isBound && (!mustBeKept || (pair.origin.mount === undefined && pair.origin.link !== undefined))
  const refusal = isAllDone
    ? whyNotSeen(state, pair)
    : ((mustBeKept ? whyNotAbove(pair) : undefined) ??
      whyNotBound(pair) ??
      whyNotRead(state, pair, isBound) ??
      (isBound ? whyNotSeen(state, pair) : isOnDemand === true ? onDemandRefusal(local) : undefined) ??
      (mustBeKept ? whyNotKept(state, pair, isOnDemand) : undefined))
  if (refusal !== undefined) return { actions: [], refusals: [{ origin, ...refusal }], notes: [] }
  const remarks = [...mountRemarks(pair), ...(persist ? (pair.fstabRemarks ?? []) : [])]
  if (isAllDone) return { actions: [], refusals: [], notes: remarks }
  const wanted = bindActions({ local, origin, persist })
  return {
    actions: wanted.filter(({ kind }) => (kind === 'persist' ? mustBeKept : !isBound)),
    refusals: [],
    notes: [...remarks, ...(isOnDemand === undefined && !isBound ? [perhapsOnDemand(local)] : [])],
  }
}

/** True if the origin path leads to the expected images for the host, or for the product's service. */
function leadsThere(state: NodeState, { local, origin }: PairState): boolean {
  const { host, service } = foundAt(state, origin.path, local.path)
  return host.state === 'resolves' || service?.state === 'resolves'
}

/** A bind in place is no proof, and a bind of a path without the expected images would show others. */
function whyNotRead(state: NodeState, { local, origin }: PairState, isBound: boolean): PairRefusal | undefined {
  const target = findingAt(state, local.path)
  if (isBad(target)) return fileRefusal(local.path, target)
  const { host } = foundAt(state, origin.path, local.path)
  return !isBound && shows(origin, local) ? fileRefusal(origin.path, host) : undefined
}

/** True if the product mounts the share on demand. Undefined if that is unknown. */
function mountsOnDemand(
  pair: PairState,
  { mountedBy, mountsOnDemand: byVersion }: Pick<SiteFacts, 'mountedBy' | 'mountsOnDemand'>,
): boolean | undefined {
  if (mountedBy !== undefined) return mountedBy === 'product'
  return pair.isLocalInFstab ? false : byVersion
}

function perhapsOnDemand(local: string): string {
  return `fstab does not mount ${local}. If the product mounts it on demand, as from version 6.2 on, a bind keeps showing what was mounted before. Set mountedBy or the version in the inventory.`
}
