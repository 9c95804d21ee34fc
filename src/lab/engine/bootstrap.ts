import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Shell } from '../../shell/shell.ts'
import { systemPath } from './system-path.ts'

export interface BootstrapOptions {
  /** Where its own temporary files go: all of it is to be removed by whoever made it. */
  readonly folder: string
  readonly onOutput?: (chunk: Uint8Array) => void
}

/** Makes a Debian with `mmdebstrap`, which ends with this process, however that ends. */
export async function bootstrap(
  shell: Shell,
  args: readonly string[],
  { folder, onOutput }: BootstrapOptions,
): Promise<void> {
  const temporary = join(folder, 'bootstrap')
  await mkdir(temporary)
  const options = { cwd: '/', deadlineMs: 900_000, stallMs: 300_000, ...(onOutput === undefined ? {} : { onOutput }) }
  await shell.run({ script, args: [temporary, inMemory, ...args] }, { ...options, env: { PATH: systemPath } })
}

/** What root mounts meanwhile is nobody else's concern, and is gone with it. */
const script = `
chmod 1777 "$1"
export TMPDIR="$1"
in_memory=$2
shift 2
set -- setpriv --pdeathsig TERM mmdebstrap --variant=minbase "$@"
if [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then set -- unshare --mount sh -c "$in_memory" sh "$@"; fi
exec "$@"
`

/** Where there is plenty of memory, it is made there, which takes a tenth less time. */
const inMemory = `
awk '/^MemAvailable:/ { exit $2 < 4 * 1024 * 1024 }' /proc/meminfo && mount -t tmpfs -o size=2g,mode=1777 bootstrap "$TMPDIR"
exec "$@"
`
