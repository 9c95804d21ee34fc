import type { Journal } from '../journal/journal.ts'
import type { Argv, CommandOptions, CommandResult, Script, Shell } from '../shell/shell.ts'
import { CommandError } from '../shell/shell.ts'

export interface RecordedShellOptions {
  /** Maximum size of each output in the journal, which keeps its end. Default: 16 KiB. */
  readonly tailBytes?: number
}

/** Returns a shell that records every command in the journal, even one that fails or loses its shell. */
export function recordedShell(shell: Shell, journal: Journal, options: RecordedShellOptions = {}): Shell {
  const tailBytes = options.tailBytes ?? 16 * 1024
  const record = (result: CommandResult): CommandResult => {
    journal.append({
      kind: 'command',
      where: result.where,
      command: result.command,
      ...(result.user === undefined ? {} : { user: result.user }),
      ended: result.ended,
      exitCode: result.exitCode,
      stdout: tail(result.stdout, tailBytes),
      stderr: tail(result.stderr, tailBytes),
      durationMs: result.durationMs,
    })
    return result
  }
  const attempt = async (
    command: Argv | Script,
    commandOptions: CommandOptions | undefined,
    act: () => Promise<CommandResult>,
  ): Promise<CommandResult> => {
    const startedMs = performance.now()
    let result: CommandResult
    try {
      result = await act()
    } catch (error) {
      if (error instanceof CommandError) {
        record(error.result)
      } else {
        // The shell was lost, or the command was aborted. Without a result, the attempt is still recorded.
        journal.append({
          kind: 'command',
          where: shell.where,
          command: tail(plain(command), tailBytes),
          ...(commandOptions?.user === undefined ? {} : { user: commandOptions.user }),
          ended: commandOptions?.signal?.aborted ? 'aborted' : 'lost',
          exitCode: null,
          stdout: '',
          stderr: error instanceof Error ? error.message : String(error),
          durationMs: Math.round(performance.now() - startedMs),
        })
      }
      throw error
    }
    return record(result)
  }
  return {
    where: shell.where,
    run: (command, commandOptions) => attempt(command, commandOptions, () => shell.run(command, commandOptions)),
    try: (command, commandOptions) => attempt(command, commandOptions, () => shell.try(command, commandOptions)),
  }
}

/** Returns a command for people to read. It is not quoted for a shell. */
function plain(command: Argv | Script): string {
  return 'script' in command ? command.script : command.join(' ')
}

/** Returns the end of a text, at most so many bytes of UTF-8, with the number of bytes left out. */
export function tail(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= maxBytes) return text
  let start = bytes.length - maxBytes
  // Do not start in the middle of a character: continuation bytes start with 10.
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return `[${start} bytes left out]\n${bytes.subarray(start).toString()}`
}
