import { execFile } from 'node:child_process'
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
