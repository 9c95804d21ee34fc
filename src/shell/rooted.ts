import type { Argv, CommandOptions, CommandResult, Script, Shell } from './shell.ts'
import { ShellError, succeeded } from './shell.ts'

/**
 * The same host as root: by `sudo -n` where who is there is not root already, which is found out with the first command.
 * @throws ShellError, at the first command, where sudo is absent or would ask for a password
 */
export function rooted(shell: Shell): Shell {
  let needsSudo: Promise<boolean> | undefined
  const attempt = async (command: Argv | Script, options: CommandOptions = {}): Promise<CommandResult> => {
    needsSudo ??= askForRoot(shell, options.signal)
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

/** Whether it takes sudo. */
async function askForRoot(shell: Shell, signal: AbortSignal | undefined): Promise<boolean> {
  const options = { deadlineMs: 20_000, ...(signal !== undefined && { signal }) }
  const { stdout } = await shell.run(['id', '-un'], options)
  const user = stdout.trim()
  if (user === 'root') return false
  const asked = await shell.try(['sudo', '-n', '--', 'true'], options)
  if (asked.exitCode === 0) return true
  const refuse = (message: string, remedy: string): never => {
    throw new ShellError(shell.where, message, undefined, remedy)
  }
  if (asked.exitCode === 127) refuse(`${user} is not root, and there is no sudo`, 'Log in as root, or install sudo.')
  const why = asked.stderr.trim()
  if (/password is required|a terminal is required|askpass/.test(why) && !/account validation/.test(why))
    refuse(
      `sudo would ask ${user} for a password`,
      `Allow it without one: echo '${user} ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/dr-drill`,
    )
  return refuse(
    `${user} may not become root by sudo: ${why.split('\n')[0] || `it was ${asked.ended}`}`,
    `Allow it: echo '${user} ALL=(root) NOPASSWD: ALL' > /etc/sudoers.d/dr-drill`,
  )
}
