import type { Argv, CommandOptions, CommandResult, Script, Shell } from './shell.ts'
import { ShellError, succeeded } from './shell.ts'

/**
 * Returns a shell that is root on the same host: by `sudo -n` unless the user is root, which the first command finds out.
 * The first command throws a ShellError if sudo is missing or asks for a password.
 */
export function rooted(shell: Shell): Shell {
  let needsSudo: Promise<boolean> | undefined
  const attempt = async (command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> => {
    needsSudo ??= needsSudoFor(shell, options.signal)
    const sudo = await needsSudo.catch((error: unknown) => {
      needsSudo = undefined
      throw error
    })
    return shell.try(command, sudo ? { ...options, sudo } : options)
  }
  return {
    where: shell.where,
    try: attempt,
    run: async (command, options) => succeeded(await attempt(command, options)),
  }
}

/** True if becoming root needs sudo. @throws ShellError if sudo does not allow it */
async function needsSudoFor(shell: Shell, signal: AbortSignal | undefined): Promise<boolean> {
  const options = { deadlineMs: 20_000, ...(signal !== undefined && { signal }) }
  const { stdout } = await shell.run(['id', '-un'], options)
  const user = stdout.trim()
  if (user === 'root') return false
  const asked = await shell.try(['sudo', '-n', '--', 'true'], options)
  if (asked.exitCode === 0) return true
  const refuse = (message: string, remedy: string): never => {
    throw new ShellError(shell.where, message, undefined, remedy)
  }
  if (asked.exitCode === 127)
    refuse(`${user} is not root, and sudo is not installed`, 'Log in as root, or install sudo.')
  const why = asked.stderr.trim()
  if (/password is required|a terminal is required|askpass/.test(why) && !/account validation/.test(why))
    refuse(
      `sudo asks ${user} for a password`,
      `Allow sudo without a password: echo '${user} ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/dr-drill`,
    )
  return refuse(
    `sudo does not allow ${user} to become root: ${why.split('\n')[0] || asked.ended}`,
    `Allow it: echo '${user} ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/dr-drill`,
  )
}
