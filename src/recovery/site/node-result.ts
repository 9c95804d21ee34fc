import { DrillError } from '../../errors.ts'
import { lostParentsSentence } from '../images/origin-needs.ts'
import type { Refusal } from '../strategy/strategy.ts'
import type { HostResult } from './each-node.ts'
import type { RecoveryPlan } from './recovery-plan.ts'
import type { NodeVerdict } from './verify.ts'

/** What a recovery, or undoing it, led to on one node. */
export interface NodeResult {
  readonly where: string
  readonly state: 'recovered' | 'undone' | 'failed' | 'unknown'
  /** How many changes were made, or undone. */
  readonly done: number
  readonly why?: string
  readonly verdict?: NodeVerdict
}

/** @param verdict undefined if chains were not to be read */
export function resultOf(result: HostResult<number>, verdict: HostResult<NodeVerdict> | undefined): NodeResult {
  const { where } = result
  if (result.error !== undefined) {
    const state = result.error instanceof DrillError && result.error.blame === 'machine' ? 'unknown' : 'failed'
    return { where, state, done: 0, why: result.error.message }
  }
  if (verdict === undefined) return { where, state: 'recovered', done: result.value }
  if (verdict.error !== undefined) return { where, state: 'unknown', done: result.value, why: verdict.error.message }
  const state = { pass: 'recovered', fail: 'failed', unknown: 'unknown' } as const
  const { why } = verdict.value
  return {
    where,
    state: state[verdict.value.state],
    done: result.value,
    ...(why !== undefined && { why }),
    verdict: verdict.value,
  }
}

/** A node can restore all chains that were read, and yet not all: what is known of the images holds for every node. */
export function doubted(
  result: NodeResult,
  [refusal]: readonly Refusal[],
  { broken: [broken], unclear: [unclear], unread: [unread] }: RecoveryPlan,
): NodeResult {
  const { state, verdict } = result
  if (state === 'failed' || (state === 'unknown' && verdict === undefined)) return result
  if (refusal !== undefined) return { ...result, state: 'failed', why: refusal.why }
  if (broken !== undefined) return { ...result, state: 'failed', why: lostParentsSentence(broken) }
  const doubt =
    unclear === undefined ? unread && `not all images could be read: ${unread}` : lostParentsSentence(unclear)
  if (doubt === undefined) return result
  return { ...result, state: 'unknown', why: state === 'unknown' ? `${result.why}; ${doubt}` : doubt }
}
