import type { ReasonKind } from '../../reason/reason.ts'
import { fail, type Judgement, pass, type Question, unknown } from '../question.ts'
import { name, type RestoreEntry, restoreOf } from './restores.ts'

export interface ExpectedReason {
  readonly kind: ReasonKind
  /** The path it hinges on; left out: any. */
  readonly path?: string
  /** The node where it failed, which may be the appliance; left out: any. */
  readonly node?: string
}

/** Did the restore fail, and for the reason that was expected? */
export const failedFor: Question<ExpectedReason & { readonly restore?: string }> = {
  name: 'the restore fails for the expected reason',
  judge: (journal, expected) => judgeFailure(restoreOf(journal, expected.restore), expected),
}

/** Of one restore. "An error" is no reason: kind, path and node must be the expected ones, and rest on an observation. */
export function judgeFailure(entry: RestoreEntry, expected: ExpectedReason): Judgement {
  if (expected.kind === 'unknown') throw new Error('an unknown reason cannot be expected')
  const { restore } = entry
  const evidence = [entry.seq]
  if (restore.outcome === 'restored') return fail(`${name(restore)} was restored, and was expected to fail`, evidence)
  const { reason } = restore
  if (reason === undefined || reason.kind === 'unknown') {
    return unknown(`${name(restore)} failed, and why is unknown`, evidence)
  }
  if (isEmpty(entry.evidence)) return unknown(`${name(restore)} failed, and nothing was observed to say why`, evidence)
  const found = `${name(restore)} failed because: ${reason.sentence}`
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
