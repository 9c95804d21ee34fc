import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Shell } from '../../shell/shell.ts'
import { systemPath } from './system-path.ts'

export interface BootstrapOptions {
  /** The folder for temporary files. The caller removes it. */
  readonly folder: string
  readonly onOutput?: (chunk: Uint8Array) => void
}

/** Makes a Debian with `mmdebstrap`, which ends when this process ends for any reason. */
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

/** Runs in a mount namespace if root runs it, so that its mounts are private and end with it. */
const script = `
chmod 1777 "$1"
export TMPDIR="$1"
in_memory=$2
shift 2
set -- setpriv --pdeathsig TERM mmdebstrap --variant=minbase "$@"
if [ "$(id -u)" = 0 ] && unshare --mount true 2>/dev/null; then set -- unshare --mount sh -c "$in_memory" sh "$@"; fi
exec "$@"
`

/** Works in memory if there is plenty, which takes a tenth less time. */
const inMemory = `
awk '/^MemAvailable:/ { exit $2 < 4 * 1024 * 1024 }' /proc/meminfo && mount -t tmpfs -o size=2g,mode=1777 bootstrap "$TMPDIR"
exec "$@"
`
