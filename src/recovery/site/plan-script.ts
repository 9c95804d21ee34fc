import { quoteWord } from '../../shell/quote.ts'
import { commented, scriptBody } from '../action/script.ts'
import type { PlannedNode, RecoveryPlan } from './plan.ts'

/**
 * What a plan comes to as one POSIX script, to review and run by hand, again if need be. Where nodes need different
 * things, it takes the node's name.
 */
export function planScript(plan: RecoveryPlan): string {
  const about = [
    '#!/bin/sh',
    `# Recovery of ${commented(plan.site)}: ${plan.strategy}`,
    ...plan.needs.map(({ origin, local, images }) => `# ${commented(`${local} → ${origin}, for ${images} images`)}`),
  ]
  const body = plan.strategy === 'rebase' ? rebaseLines(plan) : nodeLines(plan)
  return [...about, '', ...body, ''].join('\n')
}

function nodeLines({ nodes, unknown }: RecoveryPlan): readonly string[] {
  const bodies = nodes.map((node) => ({ where: node.where, lines: linesOf(node) }))
  const [first] = bodies
  if (first === undefined) return refused('no node could be looked at')
  const isAlike = unknown.length === 0 && bodies.every(({ lines }) => lines.join('\n') === first.lines.join('\n'))
  if (isAlike) return ['# On every node, as root', ...first.lines]
  const names = bodies.map(({ where }) => where).join(', ')
  return [
    '# On every node, as root, with its name',
    'case "${1-}" in',
    ...bodies.flatMap(({ where, lines }) => [`${quoteWord(where)})`, ...lines, ';;']),
    ...unknown.flatMap(({ where, why }) => [`${quoteWord(where)})`, ...refused(why), ';;']),
    `*) echo ${quoteWord(`say which node this is: ${names}`)} >&2; exit 2 ;;`,
    'esac',
  ]
}

function linesOf({ actions, refusals }: PlannedNode): readonly string[] {
  if (actions.length === 0 && refusals.length === 0) return ['# nothing to do']
  return [...(actions.length === 0 ? [] : scriptBody(actions)), ...refusals.flatMap(({ why }) => refused(why))]
}

function rebaseLines({ rebase }: RecoveryPlan): readonly string[] {
  if (rebase === undefined) return refused('whose images these are is not known')
  const { where, user, renames, refused: others } = rebase
  return [
    `# On ${commented(where)}, as root; the names that they have now are behind each`,
    'set -eu',
    `rename() {`,
    '  if ! [ -f "$1" ] || ! [ -f "$2" ]; then echo "$1 or $2 is not there" >&2; exit 1; fi',
    `  setpriv --reuid ${user.uid} --regid ${user.gid} --clear-groups qemu-img rebase -u -f qcow2 -F qcow2 -b "$3" "$1"`,
    '}',
    ...renames.map(({ path, from, to, parent, secretId }) =>
      secretId !== undefined
        ? refused(`${path} is encrypted: dr-drill recover --secrets`).join('\n')
        : `rename ${[path, parent ?? to, to].map(quoteWord).join(' ')} # ${commented(from)}`,
    ),
    ...others.flatMap(({ path, why }) => refused(`${path}: ${why}`)),
  ]
}

function refused(why: string): readonly string[] {
  return [`# refused: ${commented(why)}`, `printf '%s\\n' ${quoteWord(`refused: ${commented(why)}`)} >&2`, 'exit 1']
}
