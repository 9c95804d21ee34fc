import { counted } from '../../text/plural.ts'
import type { Style } from '../../text/style.ts'
import { lineToCopy, sentenceLines } from '../../text/text-lines.ts'
import { kindOf } from '../action/kinds.ts'
import type { UndoneAction } from '../action/undo-actions.ts'
import { type UndoPreview, wouldChange, wouldKeep } from './undo.ts'

/** What `recover --undo` would do on each node. */
export function describeUndo(nodes: readonly UndoPreview[], { columns }: Style): readonly string[] {
  return nodes.flatMap(({ where, steps, unknown }) => [
    lineToCopy(where),
    ...steps.flatMap((step) => stepLines(step, columns)),
    ...(unknown === undefined ? [] : sentenceLines(`unknown: ${unknown}`, columns, 2)),
    '',
  ])
}

/** What undoing comes to, as one sentence. */
export function undoSentence(nodes: readonly UndoPreview[], site: string): string {
  if (nodes.length === 0) return `Nothing to undo at ${site}.`
  const changed = nodes.filter(wouldChange).length
  const kept = nodes.filter(wouldKeep).length
  const unknown = nodes.filter((node) => node.unknown !== undefined).length
  return [
    `Changes on ${counted(changed, 'node')} would be undone`,
    ...(kept === 0 ? [] : [`${counted(kept, 'node')} would keep some`]),
    ...(unknown === 0 ? [] : [`${counted(unknown, 'node')} unknown`]),
  ]
    .join('; ')
    .concat('.')
}

function stepLines(step: UndoneAction, columns: number): readonly string[] {
  const { applied, state, why, note, count } = step
  const kind = kindOf(applied.action)
  const isUndone = state === 'undone' || (count ?? 0) > 0
  const prefix = isUndone ? '' : `${state}: `
  return [
    ...sentenceLines(`${prefix}${kind.undoSentence(applied, step)}`, columns, 2),
    ...(isUndone ? kind.undoDetails(applied).map((line) => lineToCopy(line, 4)) : []),
    ...(why === undefined ? [] : sentenceLines(isUndone ? `kept: ${why}` : why, columns, 4)),
    ...(note === undefined ? [] : sentenceLines(`note: ${note}`, columns, 4)),
  ]
}
