import { quoteWord } from '../../shell/quote.ts'
import type { User } from '../../shell/shell.ts'
import type { ParentRename } from './parent-renames.ts'
import type { ScriptLines } from './script-lines.ts'
import { commented } from './script-lines.ts'

/** Renames in a POSIX script: all images are checked before the first is renamed, by their headers and as their owner. */
export function renameScript({
  user,
  renames,
}: {
  readonly user: User
  readonly renames: readonly ParentRename[]
}): ScriptLines {
  const words = renames.map(({ path, parent, from, to }) => [path, parent ?? to, to, from].map(quoteWord).join(' '))
  const locked = renames.flatMap(({ path, secretId }) =>
    secretId === undefined
      ? []
      : [`stop ${quoteWord(commented(`${path} is encrypted: use dr-drill recover --secrets`))}`],
  )
  const asOwner = `setpriv --reuid ${user.uid} --regid ${user.gid} --clear-groups`
  return {
    checks: [...functions(asOwner), ...locked, ...words.map((word) => `check ${word}`)],
    changes: words.map((word) => `rename ${word}`),
  }
}

/** In an image of version 3, these bits do not prevent writing: another compression, and subclusters. */
const writable = ['00', '08', '10', '18'].map((bits) => bits.padStart(16, '0')).join('|')

const functions = (asOwner: string): readonly string[] => [
  `# Arguments: the image, its new parent, and the parent's new and old name
stop() { printf '%s\\n' "$1" >&2; exit 1; }
hex() { od -An -v -tx1 -j "$2" -N "$3" "$1" | tr -d ' \\n'; }
name_in() { tail -c +$((0x$(hex "$1" 8 8) + 1)) "$1" | head -c $((0x$(hex "$1" 16 4))); }
check() {
  for image in "$1" "$2"; do
    if [ -L "$image" ] || ! [ -f "$image" ]; then stop "$image is not a regular file"; fi
    [ "$(hex "$image" 0 4)" = 514649fb ] || stop "$image is not a qcow2 image"
    case $(hex "$image" 4 4) in
      00000002) ;;
      00000003) case $image:$(hex "$image" 72 8) in
          *:*[4567cdef]) stop "$image keeps its data in an external file" ;;
          "$2":*|*:${writable.replaceAll('|', '|*:')}) ;;
          *) stop "$image is marked as corrupt or dirty, or has unknown features" ;;
        esac ;;
      *) stop "$image has an unknown version" ;;
    esac
  done
  [ $((0x$(hex "$1" 16 4))) -le 1023 ] || stop "the header of $1 is damaged"
  case $(name_in "$1") in
    "$3") return ;;
    "$4") ;;
    *) stop "the parent of $1 is neither named $4 nor $3" ;;
  esac
  [ "$(hex "$1" 32 4)" = 00000000 ] || stop "$1 is encrypted"
  length=$(printf %s "$3" | wc -c)
  if [ "$length" -gt 1023 ] || [ $((0x$(hex "$1" 8 8) + 16 + length)) -gt $((1 << 0x$(hex "$1" 20 4))) ]; then
    stop "the header of $1 may not have room for $3"
  fi
  ${asOwner} test -w "$1" || stop "$1 cannot be written by its owner"
  ${asOwner} qemu-img info -f qcow2 "$1" >/dev/null || stop "$1 cannot be opened"
}
rename() {
  [ "$(name_in "$1")" != "$3" ] || return 0
  ${asOwner} qemu-img rebase -u -f qcow2 -F qcow2 -b "$3" "$1"
  [ "$(name_in "$1")" = "$3" ] || stop "$1 does not have its new name"
}`,
]
