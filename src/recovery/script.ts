import { quoteWord } from '../shell/quote.ts'
import { type Action, sentence } from './actions.ts'
import { bindLine } from './fstab.ts'

/** The actions as a POSIX script with the page's own commands, which a person can review and run by hand. */
export function script(actions: readonly Action[]): string {
  const lines = actions.flatMap((action) => [`# ${sentence(action)}`.replaceAll('\n', ' '), ...commandsOf(action), ''])
  return ['#!/bin/sh', 'set -eu', '', ...lines].join('\n')
}

/** The page's own commands for an action, as lines of a shell. */
export function commandsOf(action: Action): readonly string[] {
  switch (action.kind) {
    case 'make-directory':
      return [`mkdir -p -- ${quoteWord(action.path)}`]
    case 'bind': {
      const [local, origin] = [quoteWord(action.local), quoteWord(action.origin)]
      return [
        `if ! mountpoint -q -- ${local}; then echo nothing is mounted at ${local} >&2; exit 1; fi`,
        `if mountpoint -q -- ${origin}; then echo ${origin} is mounted already >&2; exit 1; fi`,
        `mount --bind -- ${local} ${origin}`,
      ]
    }
    case 'persist': {
      const line = quoteWord(bindLine(action))
      return [
        '[ -z "$(tail -c 1 /etc/fstab)" ] || echo >>/etc/fstab',
        `grep -qxF -e ${line} /etc/fstab || printf '%s\\n' ${line} >>/etc/fstab`,
      ]
    }
  }
}
