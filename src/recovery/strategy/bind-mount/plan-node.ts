import { type NodeState, type PairState, shows } from '../../node/node-state.ts'
import type { NodePlan, PlanningOptions, SiteFacts } from '../strategy.ts'
import { bindActions } from './bind-actions.ts'
import { onDemandRefusal, whyNotAbove, whyNotBound, whyNotKept, whyNotSeen } from './bind-refusals.ts'

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
  const isBound = shows(pair.origin, pair.local)
  const isOnDemand = mountsOnDemand(pair, options)
  const mustBeKept = persist && !pair.isKeptInFstab
  // A link leads there as well, and lasts as it is.
  const isAllDone = isBound && (!mustBeKept || (pair.origin.mount === undefined && pair.origin.link !== undefined))
  const refusal = isAllDone
    ? whyNotSeen(pair)
    : ((mustBeKept ? whyNotAbove(pair) : undefined) ??
      whyNotBound(pair) ??
      (isBound ? whyNotSeen(pair) : isOnDemand === true ? onDemandRefusal(local) : undefined) ??
      (mustBeKept ? whyNotKept(state, pair, isOnDemand) : undefined))
  if (refusal !== undefined) return { actions: [], refusals: [{ origin, ...refusal }], notes: [] }
  const remarks = persist ? (pair.fstabRemarks ?? []) : []
  if (isAllDone) return { actions: [], refusals: [], notes: remarks }
  const wanted = bindActions({ local, origin, persist })
  return {
    actions: wanted.filter(({ kind }) => (kind === 'persist' ? mustBeKept : !isBound)),
    refusals: [],
    notes: [...remarks, ...(isOnDemand === undefined && !isBound ? [perhapsOnDemand(local)] : [])],
  }
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
