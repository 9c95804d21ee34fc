import { counted } from '../../text/plural.ts'
import type { Style } from '../../text/style.ts'
import { lineToCopy, sentenceLines } from '../../text/text-lines.ts'
import { kindOf } from '../action/kinds.ts'
import type { UndoneAction } from '../action/undo-actions.ts'
import { hasToUndo, type UndoPreview, wouldKeep } from './undo.ts'

/** What `recover --undo` would do on each node. */
export function describeUndo(nodes: readonly UndoPreview[], { columns }: Style): readonly string[] {
  return nodes.flatMap(({ where, steps, lockOf, unknown }) => [
    lineToCopy(where),
    ...(lockOf === undefined ? [] : sentenceLines(`remove the lock that ${lockOf} left behind`, columns, 2)),
    ...steps.flatMap((step) => stepLines(step, columns)),
    ...(unknown === undefined ? [] : sentenceLines(`unknown: ${unknown}`, columns, 2)),
    '',
  ])
}

/** The outcome of undoing, as one sentence. @param all how many nodes were to be looked at */
export function undoSentence(nodes: readonly UndoPreview[], site: string, all: number): string {
  const noRecord = `Nothing to undo at ${site}: no change is on record on this machine`
  if (nodes.length === 0) return `${noRecord}, and ${counted(all, 'node has', 'nodes have')} no trace of one.`
  const changed = nodes.filter(hasToUndo).length
  const kept = nodes.filter(wouldKeep).length
  const unknown = nodes.filter((node) => node.unknown !== undefined).length
  if (changed + kept === 0 && !nodes.some(({ isOnRecord }) => isOnRecord))
    return `${noRecord}. ${counted(unknown, 'node')} unknown.`
  return [
    changed === 0 ? 'Nothing would be undone' : `Changes on ${counted(changed, 'node')} would be undone`,
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
