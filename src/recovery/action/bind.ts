import { answerFunction, answerIn } from '../../shell/answers.ts'
import { noResult } from '../../shell/host-objects.ts'
import { quoteWord } from '../../shell/quote.ts'
import type { Shell } from '../../shell/shell.ts'
import type { Bind } from '../fstab/bind-line.ts'
import type { ActionKind } from './action-kind.ts'
import { unless } from './script-lines.ts'
import { type Unbind, undoMounts } from './undo-mounts.ts'

/** Makes the origin path show what is at the local path, until the next reboot. */
export interface BindAction extends Bind {
  readonly kind: 'bind'
}

export interface BeforeBind {
  /** The file system at the local path, and the folder of it. */
  readonly of?: string
  /** True if it was bound already. */
  readonly present?: boolean
}

export const bind: ActionKind<BindAction, BeforeBind, Unbind> = {
  sentence: ({ local, origin }) => `bind ${local} to ${origin}`,
  details: (action) => [`# ${commandOf(action)}`],
  script: (action) => {
    const [local, origin] = [quoteWord(action.local), quoteWord(action.origin)]
    const isSame = `[ "${mountedAt(local)} ${fileAt(local)}" = "${mountedAt(origin)} ${fileAt(origin)}" ]`
    const isElsewhere = unless(isSame, `something else is mounted at ${origin}`)
    const isFree = `{ ! [ -d ${origin} ] || [ -z "$(ls -A -- ${origin})" ]; }`
    return {
      checks: [
        unless(`mountpoint -q -- ${local}`, `nothing is mounted at ${local}`),
        `if mountpoint -q -- ${origin}; then`,
        `  ${isElsewhere}`,
        'else',
        `  ${unless(isFree, `${origin} is not empty`)}`,
        'fi',
      ],
      changes: [`if ! mountpoint -q -- ${origin}; then ${commandOf(action)}; fi`, isElsewhere],
    }
  },
  parts: (action) => [action],
  check: async (shell, actions) => {
    const reasons: (string | undefined)[] = []
    for (const { local, origin } of actions) {
      const { stdout } = await shell.run({ script: tryToBind, args: [local, origin] })
      reasons.push(reasonIn(shell, stdout))
    }
    return reasons
  },
  look: async (shell, action) => {
    // A bind made before the share is mounted shows the empty directory below it, and goes on to do so.
    const { local, origin, why } = await lookAtBind(shell, action)
    if (why !== undefined) return { refusal: why }
    // An interrupted recovery is carried out again from the start, and fstab may have bound it meanwhile.
    return { before: origin === local ? { present: true } : { of: local } }
  },
  carryOut: async (shell, { local, origin }, { present }) => {
    if (present === true) return undefined
    const { stdout } = await shell.run({ script: bindAndCompare, args: [local, origin] })
    return reasonIn(shell, stdout)
  },
  wasDone: ({ present }) => present === true,
  inverse: ({ local, origin }, { of, present }) =>
    present === true ? { kind: 'nothing' } : { kind: 'unbind', origin, local, ...(of !== undefined && { of }) },
  undoSentence: ({ action: { origin } }, { proof }) =>
    `unmount ${origin} if it shows what was bound${proof === undefined ? '' : ` (${proof})`}`,
  undoDetails: ({ action: { origin } }) => [`# umount -- ${quoteWord(origin)}`],
  undo: undoMounts,
}

const commandOf = ({ local, origin }: Bind): string => `mount --bind -- ${quoteWord(local)} ${quoteWord(origin)}`

/** The topmost file system, and the folder of it. */
const mountedAt = (word: string) => `$(findmnt -nro MAJ:MIN,FSROOT -M ${word} | tail -n 1)`

const fileAt = (word: string) => `$(stat -c %d:%i -- ${word})`

/** `$1` is the local path and `$2` the origin path. All of it is read now, whatever the plan found. */
const functions = `${answerFunction}
of() { findmnt -nro MAJ:MIN,FSROOT -M "$1" | tail -n 1; }
number() { stat -c %d:%i -- "$1" 2>/dev/null || :; }
link_on() {
  rest=\${1#/} at=
  while [ -n "$rest" ]; do
    at=$at/\${rest%%/*}
    if [ -L "$at" ]; then printf %s "$at"; return; fi
    case $rest in */*) rest=\${rest#*/} ;; *) rest= ;; esac
  done
}
why_not() {
  link=$(link_on "$1")
  [ -n "$link" ] || link=$(link_on "$2")
  if [ -n "$link" ]; then printf %s "$link is a symbolic link"
  elif [ -z "$(of "$1")" ]; then printf %s "nothing is mounted at $1"
  elif [ "$(of "$1")" = "$(of "$2")" ]; then
    [ "$(number "$1")" = "$(number "$2")" ] || printf %s "another mount hides what is mounted at $2"
  elif [ -n "$(of "$2")" ]; then printf %s "something else is mounted at $2"
  elif [ -e "$2" ] && ! [ -d "$2" ]; then printf %s "$2 is not a directory"
  elif [ -d "$2" ] && ! error=$(ls -A -- "$2" 2>&1 >/dev/null); then printf %s "$2 cannot be read: $error"
  elif [ -d "$2" ] && [ -n "$(ls -A -- "$2")" ]; then printf %s "$2 is not empty: a bind would hide its content"
  fi
}`

const look = `${functions}
answer local "$(of "$1")"; answer origin "$(of "$2")"; answer why "$(why_not "$1" "$2")"`

/**
 * Looks again, binds, and compares. The same folder of one file system has the same files. Its number can be read without
 * the right to open it, which root may lack.
 */
const bindAndCompare = `${functions}
same() {
  one=$(stat -c %d:%i -- "$1") && other=$(stat -c %d:%i -- "$2") && [ "$one" = "$other" ] && [ "$(of "$1")" = "$(of "$2")" ]
}
why=$(why_not "$1" "$2")
if [ -n "$why" ] || [ "$(of "$1")" = "$(of "$2")" ]; then answer why "$why"; exit; fi
mount --bind -- "$1" "$2"
if ! same "$1" "$2"; then umount -- "$2"; why="after the bind, it did not show the files at $1"; fi
answer why "$why"`

/** Binds in a private mount namespace, to the lowest directory that exists: on the host, nothing is mounted. */
const tryToBind = `${functions}
why=$(why_not "$1" "$2")
if [ -n "$why" ] || [ "$(of "$1")" = "$(of "$2")" ]; then answer why "$why"; exit; fi
at=$2
while ! [ -d "\${at:-/}" ]; do at=\${at%/*}; done
answer why "$(unshare --mount --propagation private -- mount --bind -- "$1" "\${at:-/}" 2>&1 || :)"`

/** Returns the mount at each path, empty if there is none, and why one cannot be bound to the other. */
async function lookAtBind(
  shell: Shell,
  { local, origin }: Bind,
): Promise<{ readonly local: string; readonly origin: string; readonly why?: string }> {
  const { stdout } = await shell.run({ script: look, args: [local, origin] })
  const why = reasonIn(shell, stdout)
  const [atLocal = '', atOrigin = ''] = ['local', 'origin'].map((name) => answerIn(stdout, name))
  return { local: atLocal, origin: atOrigin, ...(why !== undefined && { why }) }
}

/** The reason that a script gives last. Undefined if it gives an empty one. */
function reasonIn(shell: Shell, stdout: string): string | undefined {
  const why = answerIn(stdout, 'why')
  if (why === undefined) throw noResult(shell.where, stdout)
  return why === '' ? undefined : why
}
