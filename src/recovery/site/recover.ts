import { InputError, MachineError } from '../../errors.ts'
import { apply } from '../action/apply.ts'
import { type AppliedAction, kindOf } from '../action/kinds.ts'
import type { ImageOnTarget } from '../images/find-images.ts'
import type { Secrets } from '../images/secrets.ts'
import { strategyNamed } from '../strategy/index.ts'
import type { Refusal } from '../strategy/strategy.ts'
import { type HostResult, onEachNode } from './each-node.ts'
import { hostIdentity } from './host-identity.ts'
import { lockNodes } from './lock.ts'
import { doubted, type NodeResult, resultOf } from './node-result.ts'
import type { RecoveryPlan } from './recovery-plan.ts'
import type { Records, RecoveryRecord } from './recovery-records.ts'
import type { SiteHosts, SiteNode } from './site-hosts.ts'
import { type NodeVerdict, type Thoroughness, verify } from './verify.ts'

/** How changes to a site are carried out. */
export interface ChangeOptions {
  readonly records: Records
  /** How many images are changed at the same time. */
  readonly concurrency: number
  /** For encrypted images. */
  readonly secrets?: Secrets
  readonly nowMs: number
  readonly signal: AbortSignal
  /** Receives a line for each change, and the progress of changes that take long. */
  readonly report: (where: string, line: string) => void
}

export interface RecoverOptions extends ChangeOptions {
  readonly thoroughness: Thoroughness
}

/**
 * Carries a plan out on all nodes at once, and then restores on each. Each change is on the disk of this machine before it is
 * made. The failure of one node leaves the others' results true. All nodes are locked from before the first change until the
 * last chain was read.
 * @throws MachineError if another recovery is running on one of them, or nothing can be recorded; InputError if input is missing
 */
export async function recover(
  hosts: SiteHosts,
  plan: RecoveryPlan,
  images: readonly ImageOnTarget[],
  options: RecoverOptions,
): Promise<readonly NodeResult[]> {
  // Nothing would be done, and nothing fail.
  if (plan.missingInput !== undefined)
    throw new InputError(plan.missingInput.message, { remedy: plan.missingInput.remedy })
  const isUnknown = new Set(plan.unknown.map(({ where }) => where))
  await using locks = await lockNodes(hosts.nodes.filter(({ where }) => !isUnknown.has(where)))
  using record = options.records.begin(plan.site, plan.strategy, options.nowMs)
  const done = await onEachNode(
    hosts.nodes,
    async (node) => {
      const error = locks.errors.get(node.where)
      if (error !== undefined) throw error
      return await carryOut(node, plan, record, options)
    },
    options.signal,
  )
  const verdicts = options.thoroughness === 'none' ? [] : await readChains(hosts, plan, images, done, options)
  return done.map((result) => {
    const verdict = verdicts.find(({ where }) => where === result.where)
    return doubted(resultOf(result, verdict), refusedOn(plan, result.where), plan)
  })
}

/** On the nodes where nothing failed. */
async function readChains(
  hosts: SiteHosts,
  plan: RecoveryPlan,
  images: readonly ImageOnTarget[],
  done: readonly HostResult<number>[],
  { thoroughness, secrets, signal, report }: RecoverOptions,
): Promise<readonly HostResult<NodeVerdict>[]> {
  const well = hosts.nodes.filter(({ where }) => done.some((one) => one.where === where && one.error === undefined))
  const reference = hosts.nodes.find(({ where }) => where === plan.listedBy) ?? well[0]
  const { user, nodes, targets } = plan
  if (user === undefined || reference === undefined || thoroughness === 'none') {
    const value = { state: 'unknown', read: 0, why: 'images are owned by more than one user (--user)' } as const
    return well.map(({ where }) => ({ where, value }))
  }
  const after = strategyNamed(plan.strategy).imagesAfter?.(images, nodes, targets) ?? images
  return await verify(well, after, {
    thoroughness,
    targets,
    user,
    secrets,
    reference,
    lackedBy: (where) => new Set(refusedOn(plan, where).flatMap(({ origin }) => origin ?? [])),
    signal,
    report,
  })
}

function refusedOn({ nodes }: RecoveryPlan, node: string): readonly Refusal[] {
  return nodes.find(({ where }) => where === node)?.refusals ?? []
}

/** @returns how many changes were made */
async function carryOut(
  { where, shell }: SiteNode,
  plan: RecoveryPlan,
  record: RecoveryRecord,
  { signal, report, concurrency, secrets }: RecoverOptions,
): Promise<number> {
  const unknown = plan.unknown.find((one) => one.where === where)
  if (unknown !== undefined) throw new MachineError('node-unknown', unknown.why)
  const actions = plan.nodes.find((node) => node.where === where)?.actions ?? []
  if (actions.length === 0) return 0
  record.append({ kind: 'host', where, host: await hostIdentity(shell) })
  const onAction = (applied: AppliedAction, state: 'begun' | 'done') => {
    if (state === 'begun') record.append({ kind: 'action', applied })
    else {
      record.append({ kind: 'done', where, action: applied.action.kind })
      report(where, doneLine(applied))
    }
    signal.throwIfAborted()
  }
  const onProgress = (line: string) => report(where, line)
  await apply(shell, actions, onAction, { concurrency, signal, onProgress, ...(secrets && { secrets }) })
  return actions.reduce((count, action) => count + kindOf(action).parts(action).length, 0)
}

function doneLine({ action, before }: AppliedAction): string {
  const kind = kindOf(action)
  return `${kind.wasDone(before) ? 'already done' : 'done'}: ${kind.sentence(action)}`
}
