import { type MarkedRow, markedTable } from '../../text/marked-table.ts'
import { counted } from '../../text/plural.ts'
import type { Mark, Style } from '../../text/style.ts'
import type { Resolution } from './check-nodes.ts'
import type { NodeResult } from './node-result.ts'

const resultMarks: Readonly<Record<NodeResult['state'], Mark>> = {
  recovered: 'passed',
  undone: 'passed',
  failed: 'failed',
  unknown: 'unknown',
}

export function describeResults(results: readonly NodeResult[], style: Style): readonly string[] {
  const rows = results.map(({ where, state, done, why, verdict }): MarkedRow => {
    const read = verdict === undefined ? [] : [`${counted(verdict.read, 'chain')} read`]
    const undone = state === 'undone' ? [counted(done, 'change')] : []
    // Without reading a chain, no restore is proven.
    const word = state === 'recovered' && verdict === undefined ? 'prepared' : state
    return {
      mark: resultMarks[state],
      cells: [where, word, ...read, ...undone],
      ...(why !== undefined && { why: [why] }),
    }
  })
  return markedTable(rows, style)
}

const resolutionMarks: Readonly<Record<Resolution['state'], Mark>> = {
  resolves: 'passed',
  'not kept': 'failed',
  missing: 'failed',
  wrong: 'failed',
  unreadable: 'failed',
  unknown: 'unknown',
}

export function describeCheck(resolutions: readonly Resolution[], style: Style): readonly string[] {
  const rows = resolutions.map(
    ({ where, path, state, reason, why }): MarkedRow => ({
      mark: resolutionMarks[state],
      cells: [where, reason === undefined ? state : `${state} (${reason})`, path],
      ...(why !== undefined && { why: [why] }),
    }),
  )
  return markedTable(rows, style)
}
