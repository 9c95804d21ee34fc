/** SHA-256 of files, by path. */
export type FileDigests = Readonly<Record<string, string>>

/** Instead of the digest of a file that could not be read. */
export const unreadable = 'unreadable'

const maxNamed = 5

/** Returns a sentence for each file that differs, the first of them by name. */
export function changedFiles(was: FileDigests, is: FileDigests): readonly string[] {
  const paths = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort()
  const changes = paths.flatMap((path) => changeOf(path, was[path], is[path]) ?? [])
  const more = changes.length - maxNamed
  return more > 1 ? [...changes.slice(0, maxNamed), `${more} more files have changed`] : changes
}

function changeOf(path: string, was: string | undefined, is: string | undefined): string | undefined {
  if (was === unreadable || is === unreadable) return `${path} could not be read, and may have changed`
  if (was === is) return undefined
  if (was === undefined) return `${path} is new`
  return is === undefined ? `${path} was removed` : `${path} has changed`
}
