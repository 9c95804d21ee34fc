import type { Shell } from './shell.ts'

/** The same host, as it is seen from a mount namespace: `/proc/1/ns/mnt`. Who is there must be root on the host. */
export function inMountNamespace(shell: Shell, mountNamespace: string): Shell {
  return {
    where: shell.where,
    run: (command, options) => shell.run(command, { ...options, mountNamespace }),
    try: (command, options) => shell.try(command, { ...options, mountNamespace }),
  }
}
