import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { MachineError } from '../../../errors.ts'
import type { ImageBuild } from '../recipe.ts'
import { systemPath } from '../system-path.ts'
import { grantOfIds, type SubordinateIds } from './subordinate-ids.ts'

/**
 * Makes sure that a Debian can be bootstrapped here: by root right away, by anybody else in a user namespace with a
 * range of subordinate user ids.
 *
 * @throws MachineError with what an administrator does once, in one command where that can be
 */
export async function requireBuilder({ install }: Pick<ImageBuild, 'install'>): Promise<void> {
  const isRoot = process.getuid?.() === 0
  const needed = isRoot ? [mmdebstrap] : [mmdebstrap, uidmap]
  const missing = needed.filter(({ program }) => !isInstalled(program)).map(({ name }) => name)
  // On Debian it is there; what is made from it may lack the keys of Debian.
  if (!existsSync('/usr/share/keyrings/debian-archive-keyring.gpg')) missing.push('debian-archive-keyring')
  if (isRoot) {
    if (missing.length > 0) await install(missing, 'to bootstrap the guest image')
    return
  }
  const grant = grantOfIds(nameOfUser(), process.getuid?.() ?? 0, await readIds())
  if (missing.length === 0 && grant === undefined) return
  const lacks = [...missing, ...(grant === undefined ? [] : ['subordinate ids for this user'])]
  throw new MachineError('builder-missing', `the guest image cannot be built yet: this machine lacks ${list(lacks)}`, {
    remedy: remedyFor(missing, grant, existsSync('/usr/bin/apt-get')),
  })
}

/**
 * What an administrator does once: one command where the packages can be had by `apt-get`.
 * @param grant the command that gives a user subordinate ids
 */
export function remedyFor(packages: readonly string[], grant: string | undefined, hasApt: boolean): string {
  const isByHand = packages.length > 0 && !hasApt
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  const commands = [...(packages.length > 0 && hasApt ? [install] : []), ...(grant === undefined ? [] : [grant])]
  const run = commands.length === 0 ? [] : [`runs once:  sudo sh -c '${commands.join(' && ')}'`]
  const names = `installs, under the names that they have here, Debian's packages ${list(packages)}`
  return `an administrator ${[...(isByHand ? [names] : []), ...run].join(', and ')}`
}

const list = (words: readonly string[]): string => words.join(', ')

const mmdebstrap = { name: 'mmdebstrap', program: 'mmdebstrap' }
const uidmap = { name: 'uidmap', program: 'newuidmap' }

function isInstalled(program: string): boolean {
  return systemPath.split(':').some((folder) => existsSync(`${folder}/${program}`))
}

/** Subordinate ids are given to users with a name. */
function nameOfUser(): string {
  try {
    return userInfo().username
  } catch (cause) {
    const message = `the guest image cannot be built by user ${process.getuid?.()}, who has no name on this machine`
    const remedy = 'use the image that another user built: XDG_CACHE_HOME=/home/USER/.cache, if it can be read'
    throw new MachineError('user-unnamed', message, { cause, remedy })
  }
}

async function readIds(): Promise<SubordinateIds> {
  const read = (file: string) => readFile(file, 'utf8').catch(() => '')
  return { uids: await read('/etc/subuid'), gids: await read('/etc/subgid') }
}
