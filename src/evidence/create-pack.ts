import type { KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { InputError } from '../errors.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { runOverview } from '../report/run-overview.ts'
import { featureSources } from './feature-sources.ts'
import { manifestName, manifestOf } from './manifest.ts'
import { maxPackBytes, type PackFile, packStream } from './pack-archive.ts'
import { packReadme } from './pack-readme.ts'
import { type Signatures, signatureFiles, signedWith, unsigned } from './signed-pack.ts'
import { type Stamp, stamped } from './stamp-signatures.ts'
import { type Predecessor, statementsOf } from './statement.ts'

export interface PackInput {
  readonly entries: readonly JournalEntry[]
  /** The journal as it is on disk. */
  readonly journal: Uint8Array
  /** Reports, configuration and logs. */
  readonly files: readonly PackFile[]
  readonly keys: readonly KeyObject[]
  readonly predecessor?: Predecessor
  /** Signs the time and some bytes. Undefined for a pack without timestamps. */
  readonly stamp?: Stamp
}

const digestScript = new URL('../image/digest.py', import.meta.url)

/**
 * Returns an evidence pack of a run as a tar archive.
 * @throws InputError if it is too large
 */
export async function createPack({ entries, journal, files, keys, predecessor, stamp }: PackInput): Promise<Buffer> {
  const run = runOverview(entries)
  const manifested = new Map<string, Uint8Array>([
    ['README.md', Buffer.from(packReadme(run))],
    ['tools/digest.py', readFileSync(digestScript)],
    ...featureSources(entries).map(({ path, content }) => [path, content] as const),
    ...files.map(({ path, content }) => [path, content] as const),
    ['journal.ndjson', journal],
  ])
  const listed = [...manifested].map(([path, content]) => ({ path, content }))
  const sizeBytes = listed.reduce((sum, { content }) => sum + content.length, 0)
  if (sizeBytes > maxPackBytes)
    throw new InputError(`the files of the run have ${sizeBytes} bytes, and a pack has at most ${maxPackBytes}`)
  const manifest = manifestOf(listed)
  const statements = statementsOf({ manifest, entries, files: listed, ...(predecessor && { predecessor }) })
  const signatures = await stamped(keys.reduce(signedWith, unsigned(statements)), keys, timeOf(entries), stamp)
  return packOf(listed, manifest, signatures, run.run, timeOf(entries))
}

/** Returns the archive of manifested files and their signatures. */
export async function packOf(...parts: Parameters<typeof packStreamOf>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(packStreamOf(...parts)))
}

/** As `packOf`, piece by piece. */
export function packStreamOf(
  listed: readonly PackFile[],
  manifest: string,
  signatures: Signatures,
  run: string,
  time: Date,
): AsyncIterable<Uint8Array> {
  const files = [...listed, { path: manifestName, content: Buffer.from(manifest) }, ...signatureFiles(signatures)]
  return packStream(
    `evidence-${run}`,
    files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    time,
  )
}

/** The time of all files of a pack: the end of its run. */
export function timeOf(entries: readonly JournalEntry[]): Date {
  const time = new Date(entries.at(-1)?.at ?? 0)
  return Number.isNaN(time.getTime()) ? new Date(0) : time
}
