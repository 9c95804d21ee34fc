import type { JournalEntry } from '../journal/journal.ts'
import { featureOf } from '../journal/scenario.ts'
import { sha256 } from './manifest.ts'
import type { PackFile } from './pack-archive.ts'

/** The folder of the recordings of an exercise, in a run and in its pack. */
export const recordingFolder = 'recordings'

/** A recording that is not what the journal says. */
export interface RecordingProblem {
  readonly kind: 'altered' | 'missing'
  readonly path: string
}

/**
 * Compares recordings with the digests that the journal has of those that were complete. Older journals have none.
 * @param contentOf returns the content of a file of the run, by its path
 */
export function recordingProblems(
  entries: readonly JournalEntry[],
  contentOf: (path: string) => Uint8Array | undefined,
): readonly RecordingProblem[] {
  return entries.flatMap((entry): readonly RecordingProblem[] => {
    if (entry.kind !== 'exercise' || entry.event !== 'session ended' || entry.digest === undefined) return []
    const path = `${recordingFolder}/${entry.subject}`
    const content = contentOf(path)
    if (content === undefined) return [{ kind: 'missing', path }]
    return sha256(content) === entry.digest ? [] : [{ kind: 'altered', path }]
  })
}

/** Returns the scripts of exercises as they were read for the run, beside their features. */
export function exerciseScripts(
  entries: readonly JournalEntry[],
  pathOf: (feature: string) => string,
): readonly PackFile[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'exercise' || entry.script === undefined) return []
    const started = entries.find((one) => one.kind === 'drill-started' && one.drill === entry.drill)
    if (started?.kind !== 'drill-started') return []
    const feature = pathOf(featureOf(started.location))
    const folder = feature.slice(0, feature.lastIndexOf('/') + 1)
    const name = /^\w[\w.-]*$/.test(entry.script.file) ? entry.script.file : 'script.yaml'
    return [{ path: `${folder}${name}`, content: Buffer.from(entry.script.yaml) }]
  })
}
