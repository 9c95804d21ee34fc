import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { MachineError } from '../../../errors.ts'
import type { ImageBuild } from '../recipe.ts'
import { systemPath } from './namespace.ts'

/**
 * Makes sure that a Debian can be bootstrapped here: by root right away, by anybody else in a user namespace with a
 * range of subordinate user ids.
 *
 * @throws MachineError with the one command that an administrator runs once
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
  const { username } = userInfo()
  const commands: string[] = []
  if (missing.length > 0) commands.push(`apt-get install -y --no-install-recommends ${missing.join(' ')}`)
  if (!(await hasSubordinateIds(username)))
    commands.push(`usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}`)
  if (commands.length === 0) return
  const lacks = commands.length === 1 && missing.length === 0 ? 'subordinate user ids' : missing.join(', ')
  throw new MachineError('builder-missing', `the guest image cannot be built yet: this machine lacks ${lacks}`, {
    remedy: `an administrator runs once:  sudo sh -c '${commands.join(' && ')}'`,
  })
}

const mmdebstrap = { name: 'mmdebstrap', program: 'mmdebstrap' }
const uidmap = { name: 'uidmap', program: 'newuidmap' }

function isInstalled(program: string): boolean {
  return systemPath.split(':').some((folder) => existsSync(`${folder}/${program}`))
}

/** subuid(5) and subgid(5): `name:first:count`, by name or number. */
async function hasSubordinateIds(username: string): Promise<boolean> {
  const names = [username, String(process.getuid?.())]
  const tables = await Promise.all(['/etc/subuid', '/etc/subgid'].map((file) => readFile(file, 'utf8').catch(() => '')))
  return tables.every((table) => table.split('\n').some((line) => names.includes(line.split(':')[0] ?? '')))
}
