import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { MachineError } from '../../../errors.ts'
import type { ImageBuild } from '../recipe.ts'
import { systemPath } from '../system-path.ts'
import { grantOfIds, type SubordinateIds } from './subordinate-ids.ts'

/**
 * Requires that this machine can bootstrap a Debian. Users other than root need a user namespace with subordinate ids.
 *
 * @throws MachineError with a command for the administrator, if possible
 */
export async function requireBuilder({ install }: Pick<ImageBuild, 'install'>): Promise<void> {
  const isRoot = process.getuid?.() === 0
  const needed = isRoot ? [mmdebstrap] : [mmdebstrap, uidmap]
  const missing = needed.filter(({ program }) => !isInstalled(program)).map(({ name }) => name)
  // Debian has its own keys, but distributions derived from it may not.
  if (!existsSync('/usr/share/keyrings/debian-archive-keyring.gpg')) missing.push('debian-archive-keyring')
  if (isRoot) {
    if (missing.length > 0) await install(missing, 'to bootstrap the guest image')
    return
  }
  const grant = grantOfIds(nameOfUser(), process.getuid?.() ?? 0, await readIds())
  if (missing.length === 0 && grant === undefined) return
  const lacks = [...missing, ...(grant === undefined ? [] : ['subordinate ids for this user'])]
  throw new MachineError('builder-missing', `cannot build the guest image: this machine lacks ${list(lacks)}`, {
    remedy: remedyFor(missing, grant, existsSync('/usr/bin/apt-get')),
  })
}

/**
 * Returns what an administrator must do once: one command if `apt-get` can install the packages.
 * @param grant the command that gives a user subordinate ids
 */
export function remedyFor(packages: readonly string[], grant: string | undefined, hasApt: boolean): string {
  const isByHand = packages.length > 0 && !hasApt
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  const commands = [...(packages.length > 0 && hasApt ? [install] : []), ...(grant === undefined ? [] : [grant])]
  const run = commands.length === 0 ? [] : [`run once: sudo sh -c '${commands.join(' && ')}'`]
  const names = `install the equivalents of Debian's packages ${list(packages)}`
  return `As an administrator, ${[...(isByHand ? [names] : []), ...run].join(', and ')}`
}

const list = (words: readonly string[]): string => words.join(', ')

const mmdebstrap = { name: 'mmdebstrap', program: 'mmdebstrap' }
const uidmap = { name: 'uidmap', program: 'newuidmap' }

function isInstalled(program: string): boolean {
  return systemPath.split(':').some((folder) => existsSync(`${folder}/${program}`))
}

/** The name of this user. Only users with a name can have subordinate ids. */
function nameOfUser(): string {
  try {
    return userInfo().username
  } catch (cause) {
    const message = `user ${process.getuid?.()} has no name on this machine, so it cannot build the guest image`
    const remedy = 'Use a readable image that another user has built: XDG_CACHE_HOME=/home/USER/.cache'
    throw new MachineError('user-unnamed', message, { cause, remedy })
  }
}

async function readIds(): Promise<SubordinateIds> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '')
  return { uids: await read('/etc/subuid'), gids: await read('/etc/subgid') }
}
