import { type Action, kindOf } from '../action/kinds.ts'
import { type PairState, shows } from '../node/node-state.ts'
import type { PlannedNode, RecoveryPlan } from './recovery-plan.ts'

/** Returns a line for each difference from the time when a plan was made. Empty if the plan still holds. */
export function planDifferences(plan: RecoveryPlan, now: RecoveryPlan): readonly string[] {
  const differences: string[] = []
  const compare = (what: string, before: unknown, after: unknown) => {
    const [was, is] = [JSON.stringify(before) ?? 'nothing', JSON.stringify(after) ?? 'nothing']
    if (was !== is) differences.push(`${what}: was ${was}, is ${is}`)
  }
  compare('site', plan.site, now.site)
  compare('targets', plan.targets, now.targets)
  compare('product’s user', plan.user, now.user)
  const pathsOf = ({ needs }: RecoveryPlan) => needs.map(({ origin, local }) => `${local} → ${origin}`).sort()
  compare('paths that the images need', pathsOf(plan), pathsOf(now))
  const nodesOf = ({ nodes }: RecoveryPlan) => nodes.map(({ where }) => where).sort()
  compare('nodes that answer', nodesOf(plan), nodesOf(now))
  for (const { where, state, actions } of plan.nodes) {
    const other = now.nodes.find((node) => node.where === where)?.state
    if (other === undefined) continue
    compare(`${where}: reason against a line in fstab`, state.whyNotFstab, other.whyNotFstab)
    for (const pair of state.pairs) {
      const same = other.pairs.find(({ origin }) => origin.path === pair.origin.path)
      if (same === undefined) continue
      for (const key of Object.keys({ ...pair, ...same }) as (keyof PairState)[])
        if (!isProgress(key, same, actions)) compare(`${where}: ${pair.origin.path}: ${key}`, pair[key], same[key])
    }
  }
  return [...differences, ...now.nodes.flatMap((node) => unreviewed(node, plan))]
}

/** Changes that the plan does not have. They are compared one by one, because part of the plan may be done already. */
function unreviewed({ where, actions }: PlannedNode, plan: RecoveryPlan): readonly string[] {
  const partsOf = (all: readonly Action[]) => all.flatMap((action) => kindOf(action).parts(action))
  const planned = plan.nodes.find((node) => node.where === where)?.actions ?? []
  const reviewed = new Set(partsOf(planned).map(textOf))
  const others = partsOf(actions).filter((part) => !reviewed.has(textOf(part)))
  const sentences = others.map((part) => `${where}: not in the plan: ${kindOf(part).sentence(part)}`)
  return sentences.length <= 10 ? sentences : [...sentences.slice(0, 10), `${where}: and ${sentences.length - 10} more`]
}

const textOf = (value: Action): string => JSON.stringify(value)

/** True for a difference that the plan itself makes: it may have been interrupted. */
function isProgress(key: keyof PairState, now: PairState, actions: readonly Action[]): boolean {
  const has = (kind: Action['kind']) =>
    actions.some((action) => action.kind === kind && originIn(action) === now.origin.path)
  if (key === 'isKeptInFstab') return has('persist') && now.isKeptInFstab
  if (key !== 'origin' && key !== 'service') return false
  return (has('bind') && shows(now.origin, now.local)) || (has('make-directory') && now.origin.isEmpty === true)
}

function originIn(action: Action): string | undefined {
  if (action.kind === 'make-directory') return action.path
  return action.kind === 'bind' || action.kind === 'persist' ? action.origin : undefined
}
