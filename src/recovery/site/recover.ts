import { DrillError, InputError, MachineError } from '../../errors.ts'
import { type AppliedAction, apply } from '../action/apply.ts'
import type { Refusal } from '../strategy/planner.ts'
import { rebase } from '../strategy/rebase.ts'
import { hostIdentity } from './host-identity.ts'
import type { ImageOnTarget } from './images.ts'
import { lockNodes } from './lock.ts'
import { sayBroken } from './needs.ts'
import type { RecoveryPlan } from './plan.ts'
import type { Records, RecoveryRecord } from './record.ts'
import type { Secrets } from './secrets.ts'
import { type Crew, type Member, type Outcome, onMembers } from './team.ts'
import { type NodeVerdict, type Thoroughness, verify } from './verify.ts'

export interface RecoverOptions {
  readonly records: Records
  readonly thoroughness: Thoroughness
  /** How many images are rebased at once. */
  readonly concurrency: number
  /** Of encrypted images. */
  readonly secrets?: Secrets
  readonly nowMs: number
  readonly signal: AbortSignal
  /** Told of what is about to be done, and of what was. */
  readonly say: (where: string, line: string) => void
}

/** What came of one node. */
export interface NodeResult {
  readonly where: string
  readonly state: 'recovered' | 'taken back' | 'failed' | 'unknown'
  readonly done: number
  readonly why?: string
  readonly verdict?: NodeVerdict
}

/**
 * Carries a plan out on every node at once, and then restores from each. What is about to be done is on this machine's
 * disk before it is done. One node's failure leaves the others' results true. From before the first change until the last
 * chain was read all nodes are locked.
 * @throws MachineError where another recovery is under way on one of them, or nothing can be recorded; InputError where it is not known as whom images are to be rebased
 */
export async function recover(
  team: Crew,
  plan: RecoveryPlan,
  images: readonly ImageOnTarget[],
  options: RecoverOptions,
): Promise<readonly NodeResult[]> {
  // Nothing would be done then, and nothing fail.
  if (plan.strategy === 'rebase' && plan.rebase === undefined && plan.needs.length > 0)
    throw new InputError('the images belong to several users, and whose they are to be is not known', {
      remedy: 'Name the product’s user: --user UID:GID, or `owner` in the inventory.',
    })
  const isUnknown = new Set(plan.unknown.map(({ where }) => where))
  await using locks = await lockNodes(team.members.filter(({ where }) => !isUnknown.has(where)))
  using record = options.records.begin(plan.site, plan.strategy, options.nowMs)
  const done = await onMembers(
    team.members,
    async (member) => {
      const error = locks.errors.get(member.where)
      if (error !== undefined) throw error
      return await carryOut(member, plan, record, options)
    },
    options.signal,
  )
  const { thoroughness, signal } = options
  const user = plan.user
  const judge = (verdicts: readonly Outcome<NodeVerdict>[]) =>
    done.map((outcome) => {
      const verdict = verdicts.find(({ where }) => where === outcome.where)
      return doubted(resultOf(outcome, verdict), refusedOn(plan, outcome.where), plan)
    })
  if (thoroughness === 'none') return judge([])
  const well = team.members.filter(({ where }) => done.some((one) => one.where === where && one.error === undefined))
  const reference = team.members.find(({ where }) => where === plan.listedBy) ?? well[0]
  const verdicts =
    user === undefined || reference === undefined
      ? well.map(({ where }) => ({
          where,
          value: { state: 'unknown', read: 0, why: 'whose images these are is not known: --user' } as const,
        }))
      : await verify(well, plan.strategy === 'rebase' ? rebased(images, plan) : images, {
          thoroughness,
          targets: plan.targets,
          user,
          secrets: options.secrets,
          reference,
          lackedBy: (where) => new Set(refusedOn(plan, where).flatMap(({ origin }) => origin ?? [])),
          signal,
          say: options.say,
        })
  return judge(verdicts)
}

function refusedOn({ nodes }: RecoveryPlan, node: string): readonly Refusal[] {
  return nodes.find(({ where }) => where === node)?.refusals ?? []
}

/** A node can restore all that was tried, and yet not all: what is known of the images holds for every node. */
function doubted(
  result: NodeResult,
  [refusal]: readonly Refusal[],
  { broken: [broken], unread: [unread] }: RecoveryPlan,
): NodeResult {
  const { state, verdict } = result
  if (state === 'failed' || (state === 'unknown' && verdict === undefined)) return result
  if (refusal !== undefined) return { ...result, state: 'failed', why: refusal.why }
  if (broken !== undefined) return { ...result, state: 'failed', why: sayBroken(broken) }
  return unread === undefined || state === 'unknown'
    ? result
    : { ...result, state: 'unknown', why: `not all images were seen: ${unread}` }
}

async function carryOut(
  member: Member,
  plan: RecoveryPlan,
  record: RecoveryRecord,
  { signal, say, concurrency, secrets }: RecoverOptions,
): Promise<number> {
  const { where, shell } = member
  const unknown = plan.unknown.find((one) => one.where === where)
  if (unknown !== undefined) throw new MachineError('node-unknown', unknown.why)
  if (plan.strategy === 'rebase') {
    if (plan.rebase?.where !== where) return 0
    const { renames, refused, user } = plan.rebase
    const [first] = refused
    if (first !== undefined) throw new DrillError('failure', 'refused', `${first.path}: ${first.why}`)
    if (renames.length === 0) return 0
    record.append({ kind: 'host', where, host: await hostIdentity(shell) })
    record.append({ kind: 'rebase', where, user, renames })
    say(where, `rebase ${renames.length} images`)
    const onProgress = (done: number, all: number) => {
      if (done % 1000 === 0 || done === all) say(where, `${done} of ${all} images rebased`)
    }
    const options = { user, concurrency, signal, onProgress, ...(secrets && { secrets }) }
    for (const { path, state, why } of await rebase(shell, renames, options))
      if (state === 'refused' || state === 'failed')
        throw new DrillError('failure', 'rebase', `${path} is ${state}: ${why}`)
    return renames.length
  }
  const planned = plan.nodes.find((node) => node.where === where)
  const actions = planned?.actions ?? []
  if (actions.length > 0) {
    record.append({ kind: 'host', where, host: await hostIdentity(shell) })
    await apply(shell, actions, (applied: AppliedAction, state) => {
      record.append({ kind: 'action', applied, state })
      if (state === 'done') say(where, describeDone(applied))
      signal.throwIfAborted()
    })
  }
  return actions.length
}

/** The images as they name their parents after a rebase. */
function rebased(images: readonly ImageOnTarget[], { rebase: done, targets }: RecoveryPlan): readonly ImageOnTarget[] {
  const names = new Map(done?.renames.map(({ path, to }) => [path, to]))
  return images.map((image) => {
    const parent = names.get(`${targets[image.target]}/${image.path}`)
    return parent === undefined ? image : { ...image, parent }
  })
}

/** @param verdict left out where it was not asked for */
export function resultOf(outcome: Outcome<number>, verdict: Outcome<NodeVerdict> | undefined): NodeResult {
  const { where } = outcome
  if (outcome.error !== undefined) {
    const state = outcome.error instanceof DrillError && outcome.error.blame === 'machine' ? 'unknown' : 'failed'
    return { where, state, done: 0, why: outcome.error.message }
  }
  if (verdict === undefined) return { where, state: 'recovered', done: outcome.value }
  if (verdict.error !== undefined) return { where, state: 'unknown', done: outcome.value, why: verdict.error.message }
  const state = { pass: 'recovered', fail: 'failed', unknown: 'unknown' } as const
  const { why } = verdict.value
  return {
    where,
    state: state[verdict.value.state],
    done: outcome.value,
    ...(why !== undefined && { why }),
    verdict: verdict.value,
  }
}

function describeDone({ action, before }: AppliedAction): string {
  const isThere = before.present === true || (action.kind === 'make-directory' && before.firstMissing === undefined)
  return `${isThere ? 'was there already' : 'done'}: ${action.kind === 'make-directory' ? action.path : action.origin} (${action.kind})`
}
