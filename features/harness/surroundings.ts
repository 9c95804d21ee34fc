import { execFile } from 'node:child_process'
import { chownSync, mkdirSync } from 'node:fs'
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

const nobody = 65534

/**
 * Somebody without any rights, who has nothing but an empty folder with the guest image that we have in it, read-only
 * and seen by nobody else, and a folder for reports.
 */
export function asOrdinaryUser(folder: string, image: string, reports: string): Surroundings {
  const [home, cache] = [join(folder, 'home'), join(folder, 'cache')]
  const guestFiles = join(cache, 'dr-drill', basename(image))
  for (const path of [home, guestFiles, reports]) mkdirSync(path, { recursive: true })
  for (const path of [folder, home, reports]) chownSync(path, nobody, nobody)
  const become = `setpriv --reuid=${nobody} --regid=${nobody} --clear-groups --inh-caps=-all --bounding-set=-all`
  const script = `mount --bind -o ro -- "$1" "$2"; shift 2; exec ${become} -- "$@"`
  const environment = { HOME: home, XDG_CACHE_HOME: cache, XDG_STATE_HOME: '', XDG_RUNTIME_DIR: '' }
  return {
    launcher: ['unshare', '--mount', '/bin/sh', '-euc', script, 'sh', image, guestFiles],
    // He cannot write the coverage of ours.
    environment: { ...environment, NODE_V8_COVERAGE: '' },
  }
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
