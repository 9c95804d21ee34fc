import { quoteWord } from '../../shell/quote.ts'
import { scriptBody } from '../action/script.ts'
import { commented } from '../action/script-lines.ts'
import type { PlannedNode, RecoveryPlan } from './recovery-plan.ts'

/**
 * A plan as one POSIX script, to review and run by hand. It can be run again. If nodes need different things, it takes the
 * name of the node.
 */
export function planScript(plan: RecoveryPlan): string {
  const about = [
    '#!/bin/sh',
    `# Recovery of ${commented(plan.site)}: ${plan.strategy}`,
    ...plan.needs.map(({ origin, local, images }) => `# ${commented(`${local} → ${origin}, for ${images} images`)}`),
  ]
  return [...about, '', ...linesFor(plan), ''].join('\n')
}

function linesFor({ nodes, unknown, missingInput }: RecoveryPlan): readonly string[] {
  if (missingInput !== undefined) return refused(missingInput.message)
  const bodies = nodes.map((node) => ({ where: node.where, lines: linesOf(node) }))
  const [first] = bodies
  if (first === undefined) return refused('no node could be read')
  const isAlike = unknown.length === 0 && bodies.every(({ lines }) => lines.join('\n') === first.lines.join('\n'))
  if (isAlike) return ['# Run on every node, as root', ...first.lines]
  const names = bodies.map(({ where }) => where).join(', ')
  return [
    '# Run on every node, as root, with the name of the node',
    'case "${1-}" in',
    ...bodies.flatMap(({ where, lines }) => [`${quoteWord(where)})`, ...lines, ';;']),
    ...unknown.flatMap(({ where, why }) => [`${quoteWord(where)})`, ...refused(why), ';;']),
    `*) echo ${quoteWord(`pass the name of this node: ${names}`)} >&2; exit 2 ;;`,
    'esac',
  ]
}

function linesOf({ actions, refusals }: PlannedNode): readonly string[] {
  if (actions.length === 0 && refusals.length === 0) return ['# nothing to do']
  return [...(actions.length === 0 ? [] : scriptBody(actions)), ...refusals.flatMap(({ why }) => refused(why))]
}

function refused(why: string): readonly string[] {
  return [`# refused: ${commented(why)}`, `printf '%s\\n' ${quoteWord(`refused: ${commented(why)}`)} >&2`, 'exit 1']
}
