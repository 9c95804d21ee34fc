import { execFile } from 'node:child_process'
import { chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'

/** The environment of an inner run, where it differs from that of the outer run. */
export interface Surroundings {
  /** The program that starts it, with its arguments. */
  readonly launcher?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** The folder of its project. */
  readonly project?: string
}

/** User namespaces are disabled. */
export const withoutNamespaces: Surroundings = {
  launcher: apart('echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"'),
}

/** DOCKER_HOST names an engine that does not exist. */
export const withoutContainerEngine: Surroundings = {
  environment: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
}

/** A folder is on a disk of the given size, which only the inner run sees. */
export function withDisk(folder: string, sizeKib: number): Surroundings {
  return { launcher: apart('mount -t tmpfs -o "size=$1k" small "$2"; shift 2; exec "$@"', String(sizeKib), folder) }
}

const packages = join(import.meta.dirname, '../../containers/guest/packages')

/** The packages of the guest image and one more, which make another recipe. */
export async function otherPackages(): Promise<string> {
  return `${await readFile(packages, 'utf8')}less\n`
}

/** The guest image has the packages that a file lists. */
export function withRecipe(file: string): Surroundings {
  return { launcher: apart('mount --bind -- "$1" "$2"; shift 2; exec "$@"', file, packages) }
}

const unprivileged = 65534

/**
 * A user without any capabilities, whose cache holds a read-only copy of the guest image that only this user sees, and
 * who can write to a folder for reports.
 */
export function asOrdinaryUser(folder: string, image: string, reports: string): Surroundings {
  const guestFiles = join(folder, 'cache', 'dr-drill', basename(image))
  mkdirSync(guestFiles, { recursive: true })
  const environment = ownFolders(folder, reports)
  const script = `mount --bind -o ro -- "$1" "$2"; shift 2; exec ${becomeUnprivileged} --bounding-set=-all -- "$@"`
  return { launcher: ['unshare', '--mount', '/bin/sh', '-euc', script, 'sh', image, guestFiles], environment }
}

/** A user without a guest image, whose only right is a range of subordinate ids. */
export function asOrdinaryBuilder(folder: string, reports: string): Surroundings {
  const cache = join(folder, 'cache')
  mkdirSync(cache)
  chownSync(cache, unprivileged, unprivileged)
  const environment = ownFolders(folder, reports)
  const ids = join(folder, 'ids')
  writeFileSync(ids, 'nobody:100000:65536\n')
  // Ranges are assigned by a setuid program, which needs the bounding set.
  const script = `for kind in subuid subgid; do mount --bind -- "$1" /etc/$kind; done; shift; exec ${becomeUnprivileged} -- "$@"`
  return { launcher: ['unshare', '--mount', '/bin/sh', '-euc', script, 'sh', ids], environment }
}

const becomeUnprivileged = `setpriv --reuid=${unprivileged} --regid=${unprivileged} --clear-groups --inh-caps=-all`

/** The folders of the unprivileged user. */
function ownFolders(folder: string, reports: string): Readonly<Record<string, string>> {
  const home = join(folder, 'home')
  for (const path of [home, reports]) mkdirSync(path, { recursive: true })
  for (const path of [folder, home, reports]) chownSync(path, unprivileged, unprivileged)
  const mine = { HOME: home, XDG_CACHE_HOME: join(folder, 'cache'), XDG_STATE_HOME: '', XDG_RUNTIME_DIR: '' }
  // The user cannot write to our coverage folder.
  return { ...mine, NODE_V8_COVERAGE: '' }
}

/** Shrinks the disk at a folder, as a process sees it, to its contents: every further write fails. */
export async function fillDisk(pid: number, folder: string): Promise<void> {
  const shrink = 'mount -o "remount,size=$(($(df -k --output=used "$1" | tail -n 1)))k" "$1"'
  const inside = [`--target=${pid}`, '--user', '--preserve-credentials', '--mount', '--', '/bin/sh', '-euc']
  await promisify(execFile)('nsenter', [...inside, shrink, 'sh', folder])
}

/** Starts a program in new user and mount namespaces, like those of a lab. */
function apart(script: string, ...args: readonly string[]): readonly string[] {
  return ['unshare', '--user', '--map-root-user', '--mount', '/bin/sh', '-euc', script, 'sh', ...args]
}
