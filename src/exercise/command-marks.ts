/**
 * A shell of a participant prints a mark before each command and after it: `ESC ] 633 ; E ; COMMAND BEL` and
 * `ESC ] 633 ; D ; EXIT-CODE BEL`. Terminals of editors use the same marks:
 * https://code.visualstudio.com/docs/terminal/shell-integration
 */
const begin = Buffer.from('\x1b]633;')
const bell = 0x07
/** A longer mark is not one of ours. */
const maxMarkBytes = 16 * 1024

export type CommandMark =
  | { readonly kind: 'begun'; readonly command: string }
  | { readonly kind: 'ended'; readonly exitCode: number }

/** Output without the marks, and the marks. */
export type MarkedPiece = { readonly output: Buffer } | { readonly mark: CommandMark }

/** Makes every interactive bash print the marks, from `/etc/bash.bashrc`. The history has a command as it was typed. */
export const shellMarks = String.raw`
# dr-drill: marks for the recording of the exercise
if [ -n "$BASH_VERSION" ] && [ -n "$PS1" ]; then
  HISTCONTROL= HISTTIMEFORMAT=
  PS0='\e]633;E;$(builtin history 1)\a'
  PROMPT_COMMAND='builtin printf "\e]633;D;%s\a" "$?"'
fi
`

/** Separates the marks from the output of a terminal, which arrives in pieces of any size. */
export class CommandMarks {
  #rest: Buffer = Buffer.alloc(0)

  /** Returns what can be decided so far, in order. */
  push(chunk: Uint8Array): readonly MarkedPiece[] {
    let bytes = Buffer.concat([this.#rest, chunk])
    const pieces: MarkedPiece[] = []
    for (;;) {
      const start = bytes.indexOf(begin)
      const end = start === -1 ? -1 : bytes.indexOf(bell, start)
      if (start === -1) {
        const kept = partialBegin(bytes)
        this.#rest = bytes.subarray(bytes.length - kept)
        return withOutput(pieces, bytes.subarray(0, bytes.length - kept))
      }
      if (end === -1 && bytes.length - start <= maxMarkBytes) {
        this.#rest = bytes.subarray(start)
        return withOutput(pieces, bytes.subarray(0, start))
      }
      const after = end === -1 ? start + begin.length : end + 1
      const mark = end === -1 ? undefined : markIn(bytes.subarray(start + begin.length, end).toString())
      pieces.push(...withOutput([], bytes.subarray(0, mark === undefined ? after : start)))
      if (mark !== undefined) pieces.push({ mark })
      bytes = bytes.subarray(after)
    }
  }

  /** Returns what was kept back, at the end of the output. */
  end(): Buffer {
    const rest = this.#rest
    this.#rest = Buffer.alloc(0)
    return rest
  }
}

function withOutput(pieces: readonly MarkedPiece[], output: Buffer): readonly MarkedPiece[] {
  return output.length === 0 ? pieces : [...pieces, { output }]
}

/** The length of the longest end of the output that may be the beginning of a mark. */
function partialBegin(bytes: Buffer): number {
  for (let length = Math.min(begin.length - 1, bytes.length); length > 0; length--)
    if (bytes.subarray(bytes.length - length).equals(begin.subarray(0, length))) return length
  return 0
}

function markIn(text: string): CommandMark | undefined {
  const [, command] = /^E;\s*\d+\*?\s+([^]*)$/.exec(text) ?? []
  if (command !== undefined) return { kind: 'begun', command: command.trim() }
  const [, code] = /^D;(\d{1,3})$/.exec(text) ?? []
  return code === undefined ? undefined : { kind: 'ended', exitCode: Number(code) }
}
