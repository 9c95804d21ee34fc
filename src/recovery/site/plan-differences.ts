import { type Action, kindOf } from '../action/kinds.ts'
import { originIn } from '../action/origin-in.ts'
import { type PairState, shows } from '../node/node-state.ts'
import type { PlanWithImages } from './make-plan.ts'
import type { PlannedNode, RecoveryPlan } from './recovery-plan.ts'

/**
 * Returns a line for each difference from the time when a plan was made. Empty if the plan still holds: what is done now is
 * what was reviewed, except for what is done already.
 */
export function planDifferences(plan: RecoveryPlan, { plan: now, images }: PlanWithImages): readonly string[] {
  const differences: string[] = []
  const compare = (what: string, before: unknown, after: unknown) => {
    const [was, is] = [JSON.stringify(before) ?? 'nothing', JSON.stringify(after) ?? 'nothing']
    if (was !== is) differences.push(`${what}: was ${was}, is ${is}`)
  }
  compare('site', plan.site, now.site)
  compare('targets', plan.targets, now.targets)
  compare('strategy', plan.strategy, now.strategy)
  compare('persist', plan.persist, now.persist)
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
  const names = new Map(images.map(({ target, path, parent }) => [`${now.targets[target]}/${path}`, parent]))
  return [
    ...differences,
    ...now.nodes.flatMap((node) => unreviewed(node, plan)),
    ...plan.nodes.flatMap((node) => leftOut(node, now, names)),
  ]
}

/** Changes that the plan does not have. They are compared one by one, because part of the plan may be done already. */
function unreviewed({ where, actions }: PlannedNode, plan: RecoveryPlan): readonly string[] {
  const planned = plan.nodes.find((node) => node.where === where)?.actions ?? []
  const reviewed = new Set(partsOf(planned).map(textOf))
  const others = partsOf(actions).filter((part) => !reviewed.has(textOf(part)))
  return firstOf(
    where,
    others.map((part) => `${where}: not in the plan: ${kindOf(part).sentence(part)}`),
  )
}

/** Changes of the plan that would not be made, although they are not done: they were refused since, or written into it. */
function leftOut(
  { where, actions }: PlannedNode,
  now: RecoveryPlan,
  names: ReadonlyMap<string, string | undefined>,
): readonly string[] {
  const node = now.nodes.find((one) => one.where === where)
  if (node === undefined) return []
  const made = new Set(partsOf(node.actions).map(textOf))
  const others = partsOf(actions).filter((part) => !made.has(textOf(part)) && !isDone(part, node.state.pairs, names))
  return firstOf(
    where,
    others.map((part) => {
      const why = node.refusals.find(({ origin }) => origin !== undefined && origin === originIn(part))?.why
      const reason = why === undefined ? 'it is not what this site needs' : `refused: ${why}`
      return `${where}: in the plan, and would not be done: ${kindOf(part).sentence(part)}: ${reason}`
    }),
  )
}

function isDone(action: Action, pairs: readonly PairState[], names: ReadonlyMap<string, string | undefined>): boolean {
  if (action.kind === 'rename-parents') return action.renames.every(({ path, to }) => names.get(path) === to)
  const pair = pairs.find(
    ({ local, origin }) =>
      origin.path === originIn(action) && (action.kind === 'make-directory' || local.path === action.local),
  )
  if (pair === undefined) return false
  if (action.kind === 'persist') return pair.isKeptInFstab
  return action.kind === 'bind' ? shows(pair.origin, pair.local) : pair.origin.kind === 'directory'
}

const partsOf = (all: readonly Action[]) => all.flatMap((action) => kindOf(action).parts(action))

const textOf = (value: Action): string => JSON.stringify(value)

function firstOf(where: string, sentences: readonly string[]): readonly string[] {
  return sentences.length <= 10 ? sentences : [...sentences.slice(0, 10), `${where}: and ${sentences.length - 10} more`]
}

/** True for a difference that the plan itself makes: it may have been interrupted. */
function isProgress(key: keyof PairState, now: PairState, actions: readonly Action[]): boolean {
  const has = (kind: Action['kind']) =>
    actions.some((action) => action.kind === kind && originIn(action) === now.origin.path)
  if (key === 'isKeptInFstab' || key === 'fstabRemarks') return has('persist') && now.isKeptInFstab
  if (key !== 'origin' && key !== 'service') return false
  return (has('bind') && shows(now.origin, now.local)) || (has('make-directory') && now.origin.isEmpty === true)
}
