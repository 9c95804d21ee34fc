import { counted, listed } from '../../text/plural.ts'
import { printable } from '../../text/printable.ts'
import type { ImageOnTarget } from './find-images.ts'
import type { Secrets } from './secrets.ts'

const maxNames = 3

/**
 * Compares the secrets that images need with those that the user has, one sentence each: missing secrets, images whose
 * record states none, and files that no image needs.
 */
export function secretNotes(
  images: readonly Pick<ImageOnTarget, 'isEncrypted' | 'secretId'>[],
  secrets: Secrets | undefined,
): readonly string[] {
  const encrypted = images.filter(({ isEncrypted }) => isEncrypted)
  const byId = Map.groupBy(encrypted, ({ secretId }) => secretId)
  const missing = [...byId]
    .flatMap(([id, of]) => (id === undefined || secrets?.has(id) ? [] : { id, of }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const unnamed = byId.get(undefined)?.length ?? 0
  const unused = [...(secrets?.keys() ?? [])].filter((id) => !byId.has(id))
  const without = (count: number) => `${counted(count, 'image that needs', 'images that need')} it cannot be read`
  return [
    ...missing.map(({ id, of }) => `The secret ${printable(id)} is missing from --secrets: ${without(of.length)}.`),
    ...(unnamed > 0
      ? [`No record states the secret of ${counted(unnamed, 'encrypted image')}, which cannot be read.`]
      : []),
    ...(unused.length > 0
      ? [`No image needs these files of --secrets: ${listed(unused.map(printable), maxNames)}.`]
      : []),
  ]
}
