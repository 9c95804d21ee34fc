import type { CommandOptions, Shell } from './shell.ts'

/** Returns a shell whose commands are stopped by this signal, unless they have a signal of their own. */
export function stoppedBy(shell: Shell, signal: AbortSignal): Shell {
  const bound = (options: CommandOptions = {}): CommandOptions => ({ ...options, signal: options.signal ?? signal })
  return {
    where: shell.where,
    run: (command, options) => shell.run(command, bound(options)),
    try: (command, options) => shell.try(command, bound(options)),
  }
}

/** A signal of a command that is carried out although its caller was interrupted, such as one that cleans up. */
export const neverStopped: AbortSignal = new AbortController().signal
