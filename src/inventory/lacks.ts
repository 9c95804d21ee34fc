import type { Shell } from '../shell/shell.ts'

/** The programs that recovery runs on a host, with the packages of Debian and Fedora that have them. */
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

/** A program that a host lacks. */
export interface Lack {
  readonly program: string
  /** The command that installs it. */
  readonly remedy: string
}

const look = `command -v apt-get >/dev/null 2>&1 && echo debian || echo fedora
for program; do command -v "$program" >/dev/null 2>&1 || echo "$program"; done`

/**
 * Finds the programs that recovery needs and a host lacks. Changes nothing.
 * @throws ShellError if the host cannot be entered, or not as root
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
