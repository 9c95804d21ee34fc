import { execFile } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

/** What a drill's process finds around it, other than ourselves. */
export interface Surroundings {
  /** The program that starts it, with its arguments. */
  readonly launcher?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** The folder of the project that it works for. */
  readonly project?: string
}

/** Where nobody may have namespaces of their own. */
export const withoutNamespaces: Surroundings = {
  launcher: apart('echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"'),
}

/** Where there is no container engine, and a user who says where it is. */
export const withoutContainerEngine: Surroundings = {
  environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
}

/** Where a folder is on a disk of its own, of so many KiB: seen by the drill, and by nobody else. */
export function withDisk(folder: string, sizeKib: number): Surroundings {
  return { launcher: apart('mount -t tmpfs -o "size=$1k" small "$2"; shift 2; exec "$@"', String(sizeKib), folder) }
}

const packages = join(import.meta.dirname, '../../containers/guest/packages')

/** Those of the guest image, and one more: another recipe. */
export async function otherPackages(): Promise<string> {
  return `${await readFile(packages, 'utf8')}less\n`
}

/** Where the guest image has the packages that a file lists. */
export function withRecipe(file: string): Surroundings {
  return { launcher: apart('mount --bind -- "$1" "$2"; shift 2; exec "$@"', file, packages) }
}

const nobody = 65534

/**
 * Somebody without any rights, who has nothing but an empty folder with the guest image that we have in it, read-only
 * and seen by nobody else, and a folder for reports.
 */
export function asOrdinaryUser(folder: string, image: string, reports: string): Surroundings {
  const guestFiles = join(folder, 'cache', 'dr-drill', basename(image))
  mkdirSync(guestFiles, { recursive: true })
  const environment = ownFolders(folder, reports)
  const script = `mount --bind -o ro -- "$1" "$2"; shift 2; exec ${becomeNobody} --bounding-set=-all -- "$@"`
  return { launcher: ['unshare', '--mount', '/bin/sh', '-euc', script, 'sh', image, guestFiles], environment }
}

/** Somebody without any rights but to a range of subordinate ids, who has to build a guest image of his own. */
export function asOrdinaryBuilder(folder: string, reports: string): Surroundings {
  const cache = join(folder, 'cache')
  mkdirSync(cache)
  chownSync(cache, nobody, nobody)
  const environment = ownFolders(folder, reports)
  const ids = join(folder, 'ids')
  writeFileSync(ids, 'nobody:100000:65536\n')
  // What gives him his range is a program of root's.
  const script = `for kind in subuid subgid; do mount --bind -- "$1" /etc/$kind; done; shift; exec ${becomeNobody} -- "$@"`
  return { launcher: ['unshare', '--mount', '/bin/sh', '-euc', script, 'sh', ids], environment }
}

const becomeNobody = `setpriv --reuid=${nobody} --regid=${nobody} --clear-groups --inh-caps=-all`

/** Where somebody who is nobody has what is his. */
function ownFolders(folder: string, reports: string): Readonly<Record<string, string>> {
  const home = join(folder, 'home')
  for (const path of [home, reports]) mkdirSync(path, { recursive: true })
  for (const path of [folder, home, reports]) chownSync(path, nobody, nobody)
  const mine = { HOME: home, XDG_CACHE_HOME: join(folder, 'cache'), XDG_STATE_HOME: '', XDG_RUNTIME_DIR: '' }
  // He cannot write the coverage of ours.
  return { ...mine, NODE_V8_COVERAGE: '' }
}

/** The disk at a folder, as a process sees it, becomes as small as what is on it: every write from now on fails. */
export async function fillDisk(pid: number, folder: string): Promise<void> {
  const shrink = 'mount -o "remount,size=$(($(df -k --output=used "$1" | tail -n 1)))k" "$1"'
  const inside = [`--target=${pid}`, '--user', '--preserve-credentials', '--mount', '--', '/bin/sh', '-euc']
  await promisify(execFile)('nsenter', [...inside, shrink, 'sh', folder])
}

/** In user and mount namespaces of its own, like those of a lab. */
function apart(script: string, ...args: readonly string[]): readonly string[] {
  return ['unshare', '--user', '--map-root-user', '--mount', '/bin/sh', '-euc', script, 'sh', ...args]
}
