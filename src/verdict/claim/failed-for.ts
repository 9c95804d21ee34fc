import type { ReasonKind } from '../../reason/reason.ts'
import { fail, type Judgment, pass, UnjudgeableError, unknown } from '../question.ts'
import { nameOfRestore, type RestoreEntry } from './restore-entries.ts'

export interface ExpectedReason {
  readonly kind: ReasonKind
  /** The path at fault. Undefined for any. */
  readonly path?: string
  /** The node where it failed, which may be the appliance. Undefined for any. */
  readonly node?: string
}

/**
 * Judges one restore. Failing is not enough: kind, path and node must be the expected ones, and rest on an observation.
 */
export function judgeFailure(entry: RestoreEntry, expected: ExpectedReason): Judgment {
  if (expected.kind === 'unknown') throw new UnjudgeableError('the reason "unknown" cannot be expected')
  const { restore } = entry
  const name = nameOfRestore(restore)
  const evidence = [entry.seq]
  if (restore.outcome === 'restored') return fail(`${name} was restored, but was expected to fail`, evidence)
  const { reason } = restore
  if (reason === undefined || reason.kind === 'unknown') {
    return unknown(`${name} failed, and the reason is unknown`, evidence)
  }
  if (isEmpty(entry.evidence)) {
    return unknown(`${name} failed, but the journal holds no observation that shows why`, evidence)
  }
  const found = `${name} failed because: ${reason.sentence}`
  const differences = [
    reason.kind === expected.kind ? [] : [`expected "${expected.kind}", not "${reason.kind}"`],
    expected.path === undefined || reason.path === expected.path
      ? []
      : [`expected the path ${expected.path}, not ${reason.path ?? 'none'}`],
    expected.node === undefined || reason.node === expected.node
      ? []
      : [`expected it on ${expected.node}, not on ${reason.node}`],
  ].flat()
  return differences.length === 0 ? pass(found, evidence) : fail(`${found} (${differences.join('; ')})`, evidence)
}

function isEmpty(evidence: unknown): boolean {
  if (evidence === undefined || evidence === null) return true
  return typeof evidence === 'object' && Object.keys(evidence).length === 0
}
