import type { Argv } from '../shell/shell.ts'
import { chainName } from './chain-name.ts'
import type { CheckedLink } from './check-link.ts'
import type { QemuSecret } from './secret-files.ts'

/**
 * `qemu-nbd` for one chain and a number of connections, without the socket. It ends with the last connection. No
 * argument holds the payload of a secret: QEMU reads the file.
 */
export function serverCommand(
  program: Argv,
  links: readonly CheckedLink[],
  secrets: readonly (QemuSecret | undefined)[],
  connections: number,
): Argv {
  const name = chainName(
    links.map(({ path, header }, index) => {
      const secret = secrets[index]
      return { path, encryption: header.encryption, ...(secret && { qemuSecretId: secret.id }) }
    }),
  )
  const distinct = new Map(secrets.flatMap((secret) => (secret === undefined ? [] : [[secret.id, secret.file]])))
  const objects = [...distinct].flatMap(([id, file]) => [
    '--object',
    // In QEMU's options a comma is written twice.
    `secret,id=${id},file=${file.replaceAll(',', ',,')}`,
  ])
  return [...program, '--read-only', `--shared=${connections}`, ...objects, name]
}
