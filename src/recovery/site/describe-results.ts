import { counted } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import type { Mark, Style } from '../../text/style.ts'
import { table } from '../../text/table.ts'
import type { Resolution } from './check-nodes.ts'
import type { NodeResult } from './node-result.ts'
import { sentenceLines } from './text-lines.ts'

/** One line of a list of nodes, and the reason below it. */
export interface NodeLine {
  readonly mark: Mark
  readonly cells: readonly string[]
  readonly why?: readonly string[]
}

/** A table whose rows have a mark before them, and sentences below them. */
export function nodeTable(lines: readonly NodeLine[], style: Style): readonly string[] {
  const width = Math.max(0, ...lines.map(({ cells }) => cells.length))
  const rows = table(
    Array.from({ length: width }, () => ({})),
    lines.map(({ cells }) => cells.map(printable)),
    { style },
  )
  return lines.flatMap(({ mark, why = [] }, index) => [
    `${style.mark(mark)} ${rows[index]}`,
    ...why.flatMap((sentence) => sentenceLines(sentence, style.columns, 4)),
  ])
}

const resultMarks: Readonly<Record<NodeResult['state'], Mark>> = {
  recovered: 'passed',
  undone: 'passed',
  failed: 'failed',
  unknown: 'unknown',
}

export function describeResults(results: readonly NodeResult[], style: Style): readonly string[] {
  const lines = results.map(({ where, state, why, verdict }): NodeLine => {
    const read = verdict === undefined ? [] : [`${counted(verdict.read, 'chain')} read`]
    return { mark: resultMarks[state], cells: [where, state, ...read], ...(why !== undefined && { why: [why] }) }
  })
  return nodeTable(lines, style)
}

const resolutionMarks: Readonly<Record<Resolution['state'], Mark>> = {
  resolves: 'passed',
  missing: 'failed',
  wrong: 'failed',
  unknown: 'unknown',
}

export function describeCheck(resolutions: readonly Resolution[], style: Style): readonly string[] {
  const lines = resolutions.map(
    ({ where, path, state, why }): NodeLine => ({
      mark: resolutionMarks[state],
      cells: [where, state, path],
      ...(why !== undefined && { why: [why] }),
    }),
  )
  return nodeTable(lines, style)
}
