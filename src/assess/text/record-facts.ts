import { counted } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import type { AssessmentSummary } from '../judge/assessment-summary.ts'

/** A row of facts: what verdicts on content rest on. */
export function contentFacts({
  depth,
  totals: { content },
}: Pick<AssessmentSummary, 'depth' | 'totals'>): readonly (readonly [string, string])[] {
  if (depth !== 'content') return []
  const { read, compared } = content
  const rest = read - compared
  const facts = [
    compared > 0 ? `${compared} compared with an earlier digest` : '',
    rest > 0 ? `${rest} with nothing to compare with` : '',
  ].filter((fact) => fact !== '')
  return [['Content', `${counted(read, 'disk was', 'disks were')} read${read > 0 ? `: ${facts.join(', ')}` : ''}`]]
}

/** Rows of facts: how the assessment compares with earlier ones. */
export function recordFacts({ record }: Pick<AssessmentSummary, 'record'>): readonly (readonly [string, string])[] {
  if (record === undefined) return []
  const { path, known, compared, changed, added, carried } = record
  const facts = [
    known === 0 ? 'no content was read before' : `content of ${counted(known, 'disk')} was read before`,
    compared > 0 ? `${compared} compared` : '',
    changed > 0 ? `${changed} changed` : '',
    added > 0 ? `${added} read for the first time` : '',
    carried > 0 ? counted(carried, 'earlier finding is not cleared', 'earlier findings are not cleared') : '',
  ].filter((fact) => fact !== '')
  return [
    ['Record', printable(path)],
    ['', facts.join(', ')],
  ]
}
