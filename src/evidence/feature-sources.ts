import type { Envelope } from '../journal/envelope.ts'
import type { JournalEntry } from '../journal/journal.ts'
import type { PackFile } from './pack-archive.ts'
import { exerciseScripts } from './recordings.ts'

/** Returns the features of a run, and the scripts of exercises, as they were read then: the files may have changed since. */
export function featureSources(entries: readonly JournalEntry[]): readonly PackFile[] {
  const found = new Map<string, string>()
  for (const entry of entries) {
    if (entry.kind !== 'envelope') continue
    const { source } = entry.envelope as Envelope
    if (source !== undefined) found.set(featurePath(source.uri), source.data)
  }
  return [
    ...[...found].map(([path, text]) => ({ path, content: Buffer.from(text) })),
    ...exerciseScripts(entries, featurePath),
  ]
}

/** A feature outside of the project has a path that leads upwards, and one of another folder may not begin with `features`. */
function featurePath(uri: string): string {
  const names = uri.split(/[\\/]/).filter((name) => name !== '' && name !== '.' && name !== '..')
  return ['features', ...names.slice(names[0] === 'features' ? 1 : 0)].join('/')
}
