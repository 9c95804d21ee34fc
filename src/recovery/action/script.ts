import { quoteWord } from '../../shell/quote.ts'
import { type Action, type Inverse, sentence } from './actions.ts'
import { keptLine } from './fstab.ts'

/**
 * The actions as a POSIX script with the page's own commands, which a person can review and run by hand. Run again, it
 * does what is not done yet.
 */
export function script(actions: readonly Action[]): string {
  return ['#!/bin/sh', ...scriptBody(actions)].join('\n')
}

/** Lines of a script, without the first one. */
export function scriptBody(actions: readonly Action[]): readonly string[] {
  const lines = actions.flatMap((action) => [`# ${commented(sentence(action))}`, ...commandsOf(action), ''])
  return ['set -eu', 'umask 022', '', ...lines]
}

/** As a comment: nothing that a name holds may end it. */
export function commented(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ')
}

/** Which file system, and which folder of it; the topmost. */
const mountedAt = (word: string) => `$(findmnt -nro MAJ:MIN,FSROOT -M ${word} | tail -n 1)`

const fileAt = (word: string) => `$(stat -c %d:%i -- ${word})`

/** @param words with what a shell needs for them to be words */
const unless = (condition: string, words: string) => `if ! ${condition}; then echo ${words} >&2; exit 1; fi`

/** The page's own command for an action: what it changes. */
export function commandOf(action: Action): string {
  switch (action.kind) {
    case 'make-directory':
      return `mkdir -p -- ${quoteWord(action.path)}`
    case 'bind':
      return `mount --bind -- ${quoteWord(action.local)} ${quoteWord(action.origin)}`
    case 'persist':
      // Options that only systemd knows are no harm elsewhere.
      return `printf '%s\\n' ${quoteWord(keptLine(action, true))} >>/etc/fstab`
  }
}

/** The command that takes an action back; undefined where no single one does. */
export function inverseCommandOf(step: Inverse): string | undefined {
  if (step.kind === 'remove-directories') return `rmdir -- ${step.paths.map(quoteWord).join(' ')}`
  return step.kind === 'unbind' ? `umount -- ${quoteWord(step.origin)}` : undefined
}

/** The same as lines of a script that looks first. */
function commandsOf(action: Action): readonly string[] {
  switch (action.kind) {
    case 'make-directory': {
      const path = quoteWord(action.path)
      return [
        unless(`[ "$(realpath -m -- ${path})" = ${path} ]`, `a symbolic link is on the way to ${path}`),
        commandOf(action),
      ]
    }
    case 'bind': {
      const [local, origin] = [quoteWord(action.local), quoteWord(action.origin)]
      const isSame = `[ "${mountedAt(local)} ${fileAt(local)}" = "${mountedAt(origin)} ${fileAt(origin)}" ]`
      return [
        unless(`mountpoint -q -- ${local}`, `nothing is mounted at ${local}`),
        `if ! mountpoint -q -- ${origin}; then`,
        `  ${unless(`[ -z "$(ls -A -- ${origin})" ]`, `${origin} is not empty`)}`,
        `  ${commandOf(action)}`,
        'fi',
        unless(isSame, `something else is mounted at ${origin}`),
      ]
    }
    case 'persist': {
      const line = quoteWord(keptLine(action, true))
      return [
        '[ -z "$(tail -c 1 /etc/fstab)" ] || echo >>/etc/fstab',
        `grep -qxF -e ${line} /etc/fstab || ${commandOf(action)}`,
      ]
    }
  }
}
