import { InputError } from '../../errors.ts'
import type { ImageOnTarget } from '../images/find-images.ts'
import { strategyNamed } from '../strategy/index.ts'
import type { Refusal } from '../strategy/strategy.ts'
import { carryOut, checkPlanned } from './carry-out.ts'
import type { ChangeOptions } from './change-options.ts'
import { type HostResult, onEachNode } from './each-node.ts'
import { lockNodes } from './lock.ts'
import { doubted, type NodeResult, resultOf } from './node-result.ts'
import { proven, provePaths } from './prove-paths.ts'
import type { RecoveryPlan } from './recovery-plan.ts'
import type { SiteHosts, SiteNode } from './site-hosts.ts'
import { type NodeVerdict, type Thoroughness, verify } from './verify.ts'

export interface RecoverOptions extends ChangeOptions {
  readonly thoroughness: Thoroughness
}

/**
 * Carries a plan out on all nodes at once, and then restores on each. All changes are tried on all nodes before the first is
 * made; if one is refused, none is made. Each change is on the disk of this machine before it is made. The failure of one node
 * leaves the others' results true. All nodes are locked from before the first change until the last chain was read.
 * @throws MachineError if another recovery holds the lock of one of them, or nothing can be recorded; InputError if input is missing
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
  const known = hosts.nodes.filter(({ where }) => !isUnknown.has(where))
  await using locks = await lockNodes(known, options.report)
  const checked = await checkPlanned(
    known.filter(({ where }) => !locks.errors.has(where)),
    plan,
    options,
  )
  const refused = checked.find(({ value }) => value !== undefined)
  if (refused !== undefined) return hosts.nodes.map(({ where }) => unchanged(where, plan, checked, refused.where))
  using record = options.records.begin(plan.site, plan.strategy, options.nowMs)
  const done = await onEachNode(
    hosts.nodes,
    async (node) => {
      const error = locks.errors.get(node.where) ?? checked.find(({ where }) => where === node.where)?.error
      if (error !== undefined) throw error
      return await carryOut(node, plan, record, options)
    },
    options.signal,
  )
  const well = hosts.nodes.filter(({ where }) => done.some((one) => one.where === where && one.error === undefined))
  const proofs = await provePaths({ ...hosts, nodes: well }, plan, options.signal)
  const verdicts = options.thoroughness === 'none' ? [] : await readChains(hosts, well, plan, images, options)
  return done.map((result) => {
    const verdict = verdicts.find(({ where }) => where === result.where)
    const proof = proofs.find(({ where }) => where === result.where)
    return proven(doubted(resultOf(result, verdict), refusedOn(plan, result.where), plan), proof)
  })
}

/** On the nodes where nothing failed. */
async function readChains(
  hosts: SiteHosts,
  well: readonly SiteNode[],
  plan: RecoveryPlan,
  images: readonly ImageOnTarget[],
  { thoroughness, secrets, signal, report }: RecoverOptions,
): Promise<readonly HostResult<NodeVerdict>[]> {
  const reference = hosts.nodes.find(({ where }) => where === plan.listedBy) ?? well[0]
  const { user, nodes, targets } = plan
  if (user === undefined || reference === undefined || thoroughness === 'none') {
    const value = {
      state: 'unknown',
      read: 0,
      why: 'images are owned by root, or by more than one user (--user)',
    } as const
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

/** The result of a node where nothing was done, because one refused. */
function unchanged(
  where: string,
  plan: RecoveryPlan,
  checked: readonly HostResult<string | undefined>[],
  refusedBy: string,
): NodeResult {
  const { value, error } = checked.find((one) => one.where === where) ?? {}
  const unknown = error?.message ?? plan.unknown.find((one) => one.where === where)?.why
  if (unknown !== undefined) return { where, state: 'unknown', done: 0, why: unknown }
  return {
    where,
    state: 'failed',
    done: 0,
    why: value ?? `nothing was changed at any node, because ${refusedBy} refused`,
  }
}
