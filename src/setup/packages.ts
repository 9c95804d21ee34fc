import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { MachineError } from '../errors.ts'
import { CommandError, describeResult, type Shell } from '../shell/shell.ts'
import { neverStopped } from '../shell/stopped-by.ts'
import type { PrintLine } from './steps.ts'

const listsAreOldAfterMs = 24 * 60 * 60 * 1000
const aptGetProgram = '/usr/bin/apt-get'
const noQuestions = { DEBIAN_FRONTEND: 'noninteractive' }

/** True if packages can be installed without a question: as root, on Debian or a derivative. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync(aptGetProgram)
}

/** Returns the command that installs these packages, or a sentence on systems without apt-get. */
export function installCommand(packages: readonly string[], hasApt = existsSync(aptGetProgram)): string {
  if (!hasApt) return `Install the equivalents of Debian's packages ${packages.join(', ')}.`
  const sudo = process.getuid?.() === 0 ? '' : 'sudo '
  return `${sudo}apt-get install --no-install-recommends ${packages.join(' ')}`
}

/**
 * Installs packages of the distribution.
 *
 * @param why completes "installing PACKAGES …", e.g. `to bootstrap the base image`
 * @throws MachineError with the command as its remedy, if the packages may not or cannot be installed
 */
export async function installPackages(
  shell: Shell,
  packages: readonly string[],
  why: string,
  print: PrintLine,
): Promise<void> {
  const remedy = installCommand(packages)
  if (!canInstallPackages())
    throw new MachineError('packages-missing', `missing packages ${why}: ${packages.join(', ')}`, { remedy })
  print(`installing ${packages.join(', ')} ${why}`)
  try {
    if (await areListsOld()) await aptGet(shell, 'update')
    await aptGet(shell, 'install', '-y', '--no-install-recommends', ...packages)
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause
    throw new MachineError('install-failed', `cannot install ${packages.join(', ')}: ${describeResult(cause.result)}`, {
      cause,
      remedy,
    })
  }
}

/** Runs apt-get, after any other apt-get has finished. */
async function aptGet(shell: Shell, ...args: readonly string[]): Promise<void> {
  // Half an installation would have to be repaired by hand.
  const options = { env: noQuestions, deadlineMs: 900_000, signal: neverStopped }
  await shell.run(['apt-get', '-o', 'DPkg::Lock::Timeout=120', ...args], options)
}

/** True if the package lists are older than a day. The times of the lists are the mirror's, so the folder's time counts. */
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
