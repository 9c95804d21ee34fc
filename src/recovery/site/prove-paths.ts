import type { PathFinding } from '../../reason/path-evidence.ts'
import { findingAt, findingOfTarget, isBad, type NodeState } from '../node/node-state.ts'
import { strategyNamed } from '../strategy/index.ts'
import type { HostResult } from './each-node.ts'
import { readNodes } from './make-plan.ts'
import type { NodeResult } from './node-result.ts'
import type { RecoveryPlan } from './recovery-plan.ts'
import type { SiteHosts } from './site-hosts.ts'

/** The finding about a path that does not lead to the images of the plan. Undefined if all paths do. */
export type Unproven = PathFinding | undefined

/** Reads the images that a plan expects, on nodes where it was carried out: a mount that was made is no proof. */
export async function provePaths(
  hosts: SiteHosts,
  plan: RecoveryPlan,
  signal: AbortSignal,
): Promise<readonly HostResult<Unproven>[]> {
  // Where images are renamed, no origin path is needed any more.
  const needs = strategyNamed(plan.strategy).imagesAfter === undefined ? plan.needs : []
  const read = await readNodes(hosts, { ...plan, needs }, signal)
  return read.map((one) => (one.error === undefined ? { where: one.where, value: unprovenOn(one.value) } : one))
}

function unprovenOn(state: NodeState): Unproven {
  const findings = [
    ...state.targets.map((target) => findingOfTarget(state, target)),
    ...state.pairs.map(({ origin, local }) => findingAt(state, origin.path, local.path)),
  ]
  return findings.find(isBad) ?? findings.find(({ state: found }) => found === 'unknown')
}

/** The same result, unless it has no such proof. */
export function proven(result: NodeResult, proof: HostResult<Unproven> | undefined): NodeResult {
  if (result.state !== 'recovered' || proof === undefined) return result
  if (proof.error !== undefined) return { ...result, state: 'unknown', why: proof.error.message }
  if (proof.value === undefined) return result
  const { why = 'expected images were not read' } = proof.value
  return { ...result, state: isBad(proof.value) ? 'failed' : 'unknown', why }
}
