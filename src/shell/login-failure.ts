import { lastLine } from './last-line.ts'
import type { SshFailure } from './openssh-failure.ts'

const remedy =
  'Log in as a user whose login shell runs commands, or change that shell on the host: chsh -s /bin/sh USER'

/** Describes a login whose shell exits without running what it is given: nologin, git-shell, a restricted shell. */
export function noCommands(printed: string, exitCode: number | null): SshFailure {
  const line = lastLine(printed)
  const how = exitCode === null ? 'it exits at once' : `it exits with ${exitCode}`
  return { message: `its login shell runs no commands: ${line === '' ? `${how} and prints nothing` : line}`, remedy }
}

/** Describes a login whose shell runs nothing in time: a menu, or start files that wait for someone. */
export function noCommandWithin(seconds: number, printed: string): SshFailure {
  const line = lastLine(printed)
  return {
    message: `its login shell ran no command within ${seconds} s${line === '' ? '' : `. It printed: ${line}`}`,
    remedy:
      'Make the start files of that shell (~/.bashrc, ~/.profile) neither wait nor ask where there is no terminal: [ -t 0 ] || return',
  }
}
