import { access, constants } from 'node:fs/promises'
import type { CheckedLink } from './check-link.ts'
import { LinkError } from './link-error.ts'

/** The files of secrets by their ids. QEMU takes all bytes of a file, a final newline included. */
export type SecretFiles = ReadonlyMap<string, string>

/** A secret with its id in QEMU: an id in a record may have characters that QEMU does not accept. */
export interface QemuSecret {
  readonly id: string
  readonly file: string
}

/**
 * The secret of each link, in the order of the links.
 * @throws LinkError if a secret is missing
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
    if (secretId === undefined) throw new LinkError('unknown', `no record or name states which secret opens ${path}`)
    const file = files.get(secretId)
    if (file === undefined)
      throw new LinkError('unknown', `it needs the secret ${secretId}, which is missing from --secrets`)
    await access(file, constants.R_OK).catch(() => {
      throw new LinkError('unknown', `it needs the secret ${secretId}, but ${file} cannot be read`)
    })
    const id = ids.get(secretId) ?? `secret-${ids.size}`
    ids.set(secretId, id)
    found.push({ id, file })
  }
  return found
}
