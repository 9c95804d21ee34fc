import { answerFunction, answerIn } from './answers.ts'
import { lastLine } from './last-line.ts'
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

/** Without an entry in /etc/passwd, the name is empty or the number. */
const whoAmI = `${answerFunction}
answer uid "$(id -u)"
answer name "$(id -un 2>/dev/null || :)"`

/** Returns the user that commands of a shell run as. @throws ShellError, CommandError */
export async function userOf(
  shell: Shell,
  options: CommandOptions = {},
): Promise<{ readonly uid: number; readonly name: string }> {
  const { stdout } = await shell.run({ script: whoAmI }, options)
  const uid = answerIn(stdout, 'uid') ?? ''
  if (!/^\d+$/.test(uid)) throw new ShellError(shell.where, `id -u prints no number: ${lastLine(stdout)}`)
  const name = answerIn(stdout, 'name') ?? ''
  return { uid: Number(uid), name: /^\d*$/.test(name) ? `#${uid}` : name }
}

/** True if becoming root needs sudo. @throws ShellError if sudo does not allow it */
async function needsSudoFor(shell: Shell, signal: AbortSignal | undefined): Promise<boolean> {
  const options = { deadlineMs: 60_000, ...(signal !== undefined && { signal }) }
  const { uid, name } = await userOf(shell, options)
  if (uid === 0) return false
  const asked = await shell.try({ script: whoAmI }, { ...options, sudo: true })
  if (asked.exitCode === 0 && answerIn(asked.stdout, 'uid') === '0') return true
  throw refusal(shell.where, name, asked)
}

function refusal(where: string, user: string, { exitCode, ended, stderr }: CommandResult): ShellError {
  const error = (message: string, remedy: string): ShellError => new ShellError(where, message, undefined, remedy)
  const rule = (text: string): string => `echo '${text}' > /etc/sudoers.d/dr-drill`
  const allow = rule(`${user} ALL=(root) NOPASSWD: ALL`)
  if (exitCode === 127 && /sudo: .*not found|sudo: not found/.test(stderr))
    return error(`${user} is not root, and sudo is not installed`, 'Log in as root, or install sudo.')
  if (/must have a tty/.test(stderr))
    return error(
      `sudo requires a terminal for ${user} (requiretty)`,
      `Allow sudo without one: ${rule(`Defaults:${user} !requiretty`)}`,
    )
  if (/you do not exist in the passwd database/.test(stderr))
    return error(`sudo does not know ${user}: /etc/passwd has no such user`, `Add the user to /etc/passwd.`)
  // An expired account or password is reported in similar words.
  const asks = /password is required|a terminal is required|authentication (is )?required|askpass/
  if (asks.test(stderr) && !/account validation/.test(stderr))
    return error(`sudo asks ${user} for a password`, `Allow sudo without a password: ${allow}`)
  if (ended !== 'exited') return error(`sudo did not answer for ${user} (${ended})`, 'Run sudo -n true on the host.')
  return error(
    `sudo does not allow ${user} to become root: ${lastLine(stderr) || `it exits with ${exitCode}`}`,
    `Allow it: ${allow}`,
  )
}
