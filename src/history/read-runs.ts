import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readJournal } from '../journal/journal-file.ts'
import { featureOf } from '../journal/scenario.ts'
import { type FileDigests, unreadable } from './changed-files.ts'
import { featureDigest, type RunRecord, runRecord } from './run-record.ts'

/** The runs in a folder of reports. */
export interface PastRuns {
  /** The oldest first. */
  readonly runs: readonly RunRecord[]
  /** A sentence for each journal that could not be read. Its run is missing from the history. */
  readonly problems: readonly string[]
}

/**
 * Reads the journals of all runs in a folder of reports. One that cannot be read costs itself only.
 * @param onRun called before each, with their number
 */
export function readRuns(reports: string, onRun: (nth: number, count: number) => void = () => {}): PastRuns {
  const names = existsSync(reports) ? readdirSync(reports, { withFileTypes: true }) : []
  // `latest` is a link to one of the others.
  const folders = names.filter((one) => one.isDirectory()).map(({ name }) => join(reports, name, 'journal.ndjson'))
  const runs: RunRecord[] = []
  const problems: string[] = []
  const journals = folders.filter((journal) => existsSync(journal)).sort()
  for (const [nth, journal] of journals.entries()) {
    onRun(nth + 1, journals.length)
    try {
      const { entries } = readJournal(journal)
      if (entries.some(({ kind }) => kind === 'run-started')) runs.push(runRecord(entries))
      else problems.push(`${journal} does not begin with the start of a run`)
    } catch (error) {
      problems.push((error as Error).message)
    }
  }
  return { runs: runs.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt)), problems }
}

/** Returns the feature files of runs, by their paths as journals have them. */
export function featureFiles(runs: readonly RunRecord[]): readonly string[] {
  return [...new Set(runs.flatMap(({ scenarios }) => scenarios.map(({ location }) => featureOf(location))))]
}

/** Returns the SHA-256 of those topology files of runs that exist now, by their names in features. */
export function presentTopologies(
  runs: readonly RunRecord[],
  read: (name: string) => string | undefined,
): ReadonlyMap<string, string> {
  const names = runs.flatMap(({ scenarios }) => scenarios.flatMap(({ topologies }) => Object.keys(topologies)))
  return new Map(
    [...new Set(names)].flatMap((name) => {
      const yaml = read(name)
      return yaml === undefined ? [] : [[name, createHash('sha256').update(yaml).digest('hex')] as const]
    }),
  )
}

/** Returns the SHA-256 of those feature files that exist now. */
export function presentFeatures(files: readonly string[], folder: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const file of files) {
    try {
      // Cucumber reads features as text, too.
      found.set(file, featureDigest(readFileSync(join(folder, file), 'utf8')))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  return found
}

/** Returns the SHA-256 of those files of past runbooks that exist now, by path. */
export function presentRunbooks(runs: readonly RunRecord[], folder: string): FileDigests {
  const paths = runs.flatMap(({ scenarios }) => scenarios.flatMap(({ runbooks = {} }) => Object.keys(runbooks)))
  const found = [...new Set(paths)].flatMap((path) => {
    const digest = fileDigest(join(folder, path))
    return digest === undefined ? [] : [[path, digest] as const]
  })
  return Object.fromEntries(found)
}

function fileDigest(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : unreadable
  }
}
