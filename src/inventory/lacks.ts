import type { Shell } from '../shell/shell.ts'

/** What recovery runs on a host, and the package of Debian and of Fedora that has it. */
const programs: readonly (readonly [name: string, debian: string, fedora: string])[] = [
  ['sh', 'dash', 'bash'],
  ['stat', 'coreutils', 'coreutils'],
  ['base64', 'coreutils', 'coreutils'],
  ['sync', 'coreutils', 'coreutils'],
  ['mount', 'mount', 'util-linux'],
  ['umount', 'mount', 'util-linux'],
  ['findmnt', 'util-linux', 'util-linux'],
  ['setpriv', 'util-linux', 'util-linux'],
  ['nsenter', 'util-linux', 'util-linux-core'],
  ['unshare', 'util-linux', 'util-linux-core'],
  ['qemu-img', 'qemu-utils', 'qemu-img'],
  ['python3', 'python3', 'python3'],
]

/** Something that a host lacks. */
export interface Lack {
  readonly program: string
  /** A line that gets it there. */
  readonly remedy: string
}

const look = `command -v apt-get >/dev/null 2>&1 && echo debian || echo fedora
for program; do command -v "$program" >/dev/null 2>&1 || echo "$program"; done`

/**
 * What a host lacks of what recovery needs there: a shell, coreutils, util-linux, qemu-img and python3. Nothing is changed.
 * @throws ShellError when the host cannot be entered, or root cannot be had there
 */
export async function lacksOf(shell: Shell): Promise<readonly Lack[]> {
  const { stdout } = await shell.run({ script: look, args: programs.map(([name]) => name) })
  const [family, ...absent] = stdout.trim().split('\n')
  return programs
    .filter(([name]) => absent.includes(name))
    .map(([program, debian, fedora]) => ({
      program,
      remedy: family === 'debian' ? `apt-get install --no-install-recommends ${debian}` : `dnf install ${fedora}`,
    }))
}
