import { findingOfTarget, foundAt, isBad, type NodeState } from '../node/node-state.ts'
import { type FormatCounts, tooOldFor, whyNotTried } from '../node/qemu-version.ts'
import { fileRefusal } from '../strategy/file-refusal.ts'
import type { NodePlan, Refusal } from '../strategy/strategy.ts'

/** A strategy's plan for a node, with what keeps that node from restoring whatever the strategy is. */
export function withBlockers(plan: NodePlan, state: NodeState, formats: FormatCounts): NodePlan {
  const { serviceUnknown } = state
  const untried = serviceUnknown === undefined ? whyNotTried(restoringQemu(state)) : undefined
  return {
    ...plan,
    refusals: [...plan.refusals, ...absentTargets(plan, state), ...oldPrograms(state, formats)],
    notes: [
      ...plan.notes,
      ...(untried === undefined ? [] : [untried]),
      ...(serviceUnknown === undefined ? [] : [`what the product's service sees is unknown: ${serviceUnknown}`]),
    ],
  }
}

const restoringQemu = ({ qemuImg, serviceQemuImg }: NodeState): string => serviceQemuImg ?? qemuImg

function oldPrograms(state: NodeState, formats: FormatCounts): readonly Refusal[] {
  if (state.serviceUnknown !== undefined) return []
  const remedy = 'Install a newer QEMU where the service runs. Until then, restores of these images fail there.'
  return tooOldFor(restoringQemu(state), formats).map((why) => ({ why, remedy }))
}

/** Targets that the node cannot restore from, needed by an origin path or not. One refusal is enough for each. */
function absentTargets({ refusals }: NodePlan, state: NodeState): readonly Refusal[] {
  const refused = new Set(refusals.map(({ origin }) => origin))
  const named = new Set(state.pairs.flatMap(({ local, origin }) => (refused.has(origin.path) ? [local.path] : [])))
  return state.targets.flatMap((target): Refusal[] => {
    const { path } = target.host
    const finding = findingOfTarget(state, target)
    if (named.has(path) || !isBad(finding)) return []
    const isHidden = foundAt(state, path).host.state === 'resolves'
    const refusal = fileRefusal(path, finding)
    return [{ origin: path, ...refusal, ...(isHidden && { remedy: 'Restart the container of the service.' }) }]
  })
}
