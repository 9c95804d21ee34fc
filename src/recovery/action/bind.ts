import type { Shell } from '../../shell/shell.ts'
import type { Bind } from './fstab.ts'
import { parentDirectories } from './paths.ts'

/** What is at both paths, and what stands against a bind: the file system and folder at each, and a sentence. */
export interface BindSight {
  /** Empty where nothing is mounted. */
  readonly local: string
  readonly origin: string
  readonly why?: string
}

/** `$1` is the local path and `$2` the origin path; all of it as it is now, whatever a plan was made for. */
const functions = `
of() { findmnt -nro MAJ:MIN,FSROOT -M "$1" | tail -n 1; }
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
  elif [ "$(of "$1")" = "$(of "$2")" ]; then :
  elif [ -n "$(of "$2")" ]; then printf %s "something else is mounted at $2"
  elif [ -e "$2" ] && ! [ -d "$2" ]; then printf %s "$2 is not a directory"
  elif [ -d "$2" ] && [ -n "$(ls -A -- "$2")" ]; then printf %s "$2 is not empty: a bind would hide what is there"
  fi
}`

const look = `${functions}
printf '%s\\n' "$(of "$1")" "$(of "$2")" "$(why_not "$1" "$2")"`

/** Of one file system the same folder has the same files; its number is told without leave to open it, as root may lack. */
const bindAndCompare = `${functions}
same() {
  one=$(stat -c %d:%i -- "$1") && other=$(stat -c %d:%i -- "$2") && [ "$one" = "$other" ] && [ "$(of "$1")" = "$(of "$2")" ]
}
why=$(why_not "$1" "$2")
if [ -n "$why" ]; then printf %s "$why"; exit; fi
if [ "$(of "$1")" = "$(of "$2")" ]; then exit; fi
mount --bind -- "$1" "$2"
if ! same "$1" "$2"; then umount -- "$2"; printf %s "bound, it does not show the files that are at $1"; fi`

export async function lookAtBind(shell: Shell, { local, origin }: Bind): Promise<BindSight> {
  const { stdout } = await shell.run({ script: look, args: [local, origin] })
  const [atLocal = '', atOrigin = '', why = ''] = stdout.split('\n')
  return { local: atLocal, origin: atOrigin, ...(why !== '' && { why }) }
}

/** Looks again, binds, and compares. @returns why it is not bound; undefined where it is */
export async function bindAt(shell: Shell, { local, origin }: Bind): Promise<string | undefined> {
  const { stdout } = await shell.run({ script: bindAndCompare, args: [local, origin] })
  return stdout === '' ? undefined : stdout
}

/** @returns the topmost directory that is not there, or why none can be made */
export async function lookForDirectory(
  shell: Shell,
  path: string,
): Promise<{ readonly firstMissing?: string; readonly why?: string }> {
  const script = `
for path; do
  if [ -L "$path" ]; then printf %s "link $path"; break; fi
  if ! [ -e "$path" ]; then printf %s "missing $path"; break; fi
done`
  const { stdout } = await shell.run({ script, args: [...parentDirectories(path), path] })
  if (stdout.startsWith('link ')) return { why: `${stdout.slice('link '.length)} is a symbolic link` }
  return stdout === '' ? {} : { firstMissing: stdout.slice('missing '.length) }
}
