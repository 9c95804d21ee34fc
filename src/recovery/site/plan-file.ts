import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { InputError, MachineError } from '../../errors.ts'
import { type Action, sentence } from '../action/actions.ts'
import { type PairState, shows } from '../node/node-state.ts'
import type { Rename } from '../strategy/renames.ts'
import type { RecoveryPlan } from './plan.ts'

const format = 'dr-drill recovery plan 2'

interface PlanFile {
  readonly format: string
  readonly digest: string
  readonly plan: RecoveryPlan
}

/** Keeps a plan, with a digest of all that it says. @throws MachineError where it cannot be written */
export function savePlan(file: string, plan: RecoveryPlan): void {
  const kept: PlanFile = { format, digest: digestOf(plan), plan }
  try {
    writeFileSync(file, `${JSON.stringify(kept, undefined, 2)}\n`, { mode: 0o600 })
  } catch (cause) {
    throw new MachineError('plan-file', `the plan cannot be written to ${file}: ${(cause as Error).message}`, { cause })
  }
}

/** @throws InputError for what is no plan, or is not what was saved */
export function loadPlan(file: string): RecoveryPlan {
  let kept: Partial<PlanFile>
  try {
    kept = JSON.parse(readFileSync(file, 'utf8')) as Partial<PlanFile>
  } catch (cause) {
    throw new InputError(`${file} is no plan: ${(cause as Error).message}`, { cause })
  }
  if (kept?.format !== format || kept.plan === undefined)
    throw new InputError(`${file} is no plan of this version of dr-drill`, {
      remedy: 'Make one: dr-drill plan --out FILE',
    })
  if (digestOf(kept.plan) !== kept.digest)
    throw new InputError(`${file} was changed after it was made: its digest is another`, {
      remedy: 'Make the plan again, and let it be as it is: dr-drill plan --out FILE',
    })
  return kept.plan
}

function digestOf(plan: RecoveryPlan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex')
}

/** What is not as it was when the plan was made, a line each; empty where the plan still holds. */
export function whatMoved(plan: RecoveryPlan, now: RecoveryPlan): readonly string[] {
  const moved: string[] = []
  const tell = (what: string, before: unknown, after: unknown) => {
    const [was, is] = [JSON.stringify(before) ?? 'nothing', JSON.stringify(after) ?? 'nothing']
    if (was !== is) moved.push(`${what} was ${was}, and is ${is}`)
  }
  tell('the site', plan.site, now.site)
  tell('the targets', plan.targets, now.targets)
  tell('the product’s user', plan.user, now.user)
  const pathsOf = ({ needs }: RecoveryPlan) => needs.map(({ origin, local }) => `${local} → ${origin}`).sort()
  tell('what the images need', pathsOf(plan), pathsOf(now))
  const nodes = ({ nodes: all }: RecoveryPlan) => all.map(({ where }) => where).sort()
  tell('the nodes that answer', nodes(plan), nodes(now))
  for (const { where, state, actions } of plan.nodes) {
    const other = now.nodes.find((node) => node.where === where)?.state
    if (other === undefined) continue
    tell(`${where}: why fstab cannot be added to`, state.whyNotFstab, other.whyNotFstab)
    for (const pair of state.pairs) {
      const same = other.pairs.find(({ origin }) => origin.path === pair.origin.path)
      if (same === undefined) continue
      for (const key of Object.keys({ ...pair, ...same }) as (keyof PairState)[])
        if (!isProgress(key, same, actions)) tell(`${where}: ${pair.origin.path}: ${key}`, pair[key], same[key])
    }
  }
  for (const { where, actions } of now.nodes) {
    const reviewed = new Set(plan.nodes.find((node) => node.where === where)?.actions.map(textOf))
    for (const action of actions)
      if (!reviewed.has(textOf(action))) moved.push(`${where}: to ${sentence(action)} is not in the plan`)
  }
  if (plan.rebase !== undefined || now.rebase !== undefined) {
    tell('who rebases', executorOf(plan), executorOf(now))
    const reviewed = new Set(plan.rebase?.renames.map(textOf))
    const others = now.rebase?.renames.filter((rename) => !reviewed.has(textOf(rename))) ?? []
    tell('images to rebase that are not in the plan', 0, others.length)
  }
  return moved
}

const textOf = (value: Action | Rename): string => JSON.stringify(value)

const executorOf = ({ rebase }: RecoveryPlan) => rebase && { where: rebase.where, user: rebase.user }

/** What the plan itself brings about is no reason to refuse it: it may have been interrupted. */
function isProgress(key: keyof PairState, now: PairState, actions: readonly Action[]): boolean {
  const has = (kind: Action['kind']) =>
    actions.some((action) => action.kind === kind && originIn(action) === now.origin.path)
  if (key === 'isKeptInFstab') return has('persist') && now.isKeptInFstab
  if (key !== 'origin' && key !== 'service') return false
  return (has('bind') && shows(now.origin, now.local)) || (has('make-directory') && now.origin.isEmpty === true)
}

const originIn = (action: Action): string => (action.kind === 'make-directory' ? action.path : action.origin)
