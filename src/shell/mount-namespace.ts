import type { Shell } from './shell.ts'

/** The same host in a mount namespace such as `/proc/1/ns/mnt`. The shell must be root on the host. */
export function inMountNamespace(shell: Shell, mountNamespace: string): Shell {
  return {
    where: shell.where,
    run: (command, options) => shell.run(command, { ...options, mountNamespace }),
    try: (command, options) => shell.try(command, { ...options, mountNamespace }),
  }
}
