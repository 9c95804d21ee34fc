import { access, constants } from 'node:fs/promises'
import type { CheckedLink } from './check-link.ts'
import { LinkError } from './link-error.ts'

/** Files by the id of the secret that is in each, as QEMU takes them: all bytes count, also a newline at the end. */
export type SecretFiles = ReadonlyMap<string, string>

/** A secret under the id that it has in QEMU: those of records may have characters that QEMU does not take. */
export interface QemuSecret {
  readonly id: string
  readonly file: string
}

/**
 * The secret that each link needs, in the order of the links.
 * @throws LinkError when one is needed that there is not
 */
export async function findSecrets(
  links: readonly CheckedLink[],
  files: SecretFiles,
): Promise<readonly (QemuSecret | undefined)[]> {
  const found: (QemuSecret | undefined)[] = []
  const ids = new Map<string, string>()
  for (const { path, header, secretId } of links) {
    if (header.encryption === 'none') {
      found.push(undefined)
      continue
    }
    if (secretId === undefined) throw new LinkError('unknown', `nothing says which secret opens ${path}`)
    const file = files.get(secretId)
    if (file === undefined) throw new LinkError('unknown', `it needs the secret ${secretId}, which was not given`)
    await access(file, constants.R_OK).catch(() => {
      throw new LinkError('unknown', `it needs the secret ${secretId}, and ${file} cannot be read`)
    })
    const id = ids.get(secretId) ?? `secret-${ids.size}`
    ids.set(secretId, id)
    found.push({ id, file })
  }
  return found
}
