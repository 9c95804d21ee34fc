import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { MachineError } from '../errors.ts'
import { CommandError, describeResult, type Shell } from '../shell/shell.ts'
import type { Say } from './step.ts'

const listsAreOldAfterMs = 24 * 60 * 60 * 1000
const aptGetProgram = '/usr/bin/apt-get'
const noQuestions = { DEBIAN_FRONTEND: 'noninteractive' }

/** Whether packages can be installed here without asking anybody: as root, on Debian or what is made from it. */
export function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync(aptGetProgram)
}

/** The line with which a person installs these packages; where there is no such line, what to install. */
export function installCommand(packages: readonly string[], hasApt = existsSync(aptGetProgram)): string {
  if (!hasApt) return `install, under the names that they have here, Debian's packages ${packages.join(', ')}`
  const sudo = process.getuid?.() === 0 ? '' : 'sudo '
  return `${sudo}apt-get install --no-install-recommends ${packages.join(' ')}`
}

/**
 * Installs packages of the distribution; those that are there already cost a moment.
 * @param why completes "installing PACKAGES …", e.g. `to bootstrap the base image`
 * @throws MachineError with the command as its remedy where it may not or cannot be done
 */
export async function installPackages(shell: Shell, packages: readonly string[], why: string, say: Say): Promise<void> {
  const remedy = installCommand(packages)
  if (!canInstall())
    throw new MachineError('packages-missing', `${packages.join(', ')} must be installed ${why}`, { remedy })
  say(`installing ${packages.join(', ')} ${why}`)
  try {
    if (await areListsOld()) await aptGet(shell, 'update')
    await aptGet(shell, 'install', '-y', '--no-install-recommends', ...packages)
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause
    throw new MachineError(
      'install-failed',
      `${packages.join(', ')} could not be installed: ${describeResult(cause.result)}`,
      {
        cause,
        remedy,
      },
    )
  }
}

/** Waits for its turn when another apt-get is at work. */
async function aptGet(shell: Shell, ...args: readonly string[]): Promise<void> {
  await shell.run(['apt-get', '-o', 'DPkg::Lock::Timeout=120', ...args], { env: noQuestions, deadlineMs: 900_000 })
}

/** The lists' own times are the mirror's; the folder's are those of the last update here. */
async function areListsOld(): Promise<boolean> {
  const folder = '/var/lib/apt/lists'
  try {
    if (!(await readdir(folder)).some((name) => name.includes('_Packages'))) return true
    const times = await Promise.all([folder, `${folder}/partial`].map(async (path) => (await stat(path)).mtimeMs))
    return Date.now() - Math.max(...times) > listsAreOldAfterMs
  } catch {
    return true
  }
}
