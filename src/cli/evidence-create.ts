import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { createPack } from '../evidence/create-pack.ts'
import { sha256 } from '../evidence/manifest.ts'
import type { PackFile } from '../evidence/pack-archive.ts'
import { predecessorIn } from '../evidence/predecessor.ts'
import { recordingFolder, recordingProblems } from '../evidence/recordings.ts'
import { redactJournal } from '../evidence/redact-journal.ts'
import { filesIn, redactFiles, reportFiles } from '../evidence/run-files.ts'
import { readSigningKey } from '../evidence/signing-key.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { configName } from '../project/config-name.ts'
import { readConfig } from '../project/project.ts'
import { cutText } from '../report/cut-journal.ts'
import { findRun } from '../run/find-run.ts'
import { redactionText } from '../text/redact.ts'
import { stampOf, type TimestampFlags } from './timestamp-option.ts'
import { writePack } from './write-pack.ts'

/** The options of `evidence create`. */
export interface CreateFlags extends TimestampFlags {
  readonly output: string
  readonly key?: readonly string[]
  readonly previous?: string
  readonly config?: string
}

/** Packs the evidence of a run. */
export async function createEvidence(text: string | undefined, flags: CreateFlags): Promise<void> {
  const config = readConfig(process.cwd(), flags.config)
  const run = findRun(text, resolve(config.reports))
  if (existsSync(flags.output)) throw new InputError(`${flags.output} exists. A pack is never overwritten.`)
  const keys = (flags.key ?? []).map((path) => readSigningKey(path))
  const stamp = stampOf(flags, config.timestampAuthority, keys.length > 0)
  const predecessor = flags.previous === undefined ? undefined : await predecessorIn(flags.previous)
  const { entries, torn, content: journal, counts: inJournal } = redactJournal(readRunJournal(run.journal), run.journal)
  const cut = cutText(entries, torn)
  if (cut !== undefined) process.stderr.write(`${run.journal}: ${cut}\n`)
  const recordings = recordingsOf(run.folder, entries)
  const { files: own, counts: inFiles } = redactFiles([
    ...filesIn(join(run.folder, 'boot'), 'boot'),
    ...configurationFiles(flags.config ?? configName, config.topologies.folder),
  ])
  const counts = { ...(inJournal && { 'journal.ndjson': inJournal }), ...inFiles }
  const replaced = Buffer.from(`${JSON.stringify(counts, undefined, 2)}\n`)
  const files = [...(await reportFiles(entries)), ...own, ...recordings, { path: 'redactions.json', content: replaced }]
  const pack = await createPack({
    entries,
    journal,
    files,
    keys,
    ...(predecessor && { predecessor }),
    ...(stamp && { stamp }),
  })
  writePack(flags.output, pack)
  const signed =
    keys.length === 0 ? 'It has no signature. To add one: dr-drill evidence sign' : `Signatures: ${keys.length}.`
  for (const [path, kinds] of Object.entries(counts))
    process.stdout.write(`${path}: secrets were replaced: ${redactionText(kinds)}\n`)
  process.stdout.write(`${flags.output}: ${pack.length} bytes, SHA-256 ${sha256(pack)}\n${signed}\n`)
}

/** Returns the recordings of an exercise. Secrets were replaced when they were written. @throws InputError for an altered one */
function recordingsOf(folder: string, entries: readonly JournalEntry[]): readonly PackFile[] {
  const files = filesIn(join(folder, recordingFolder), recordingFolder)
  const byPath = new Map(files.map(({ path, content }) => [path, content]))
  const problems = recordingProblems(entries, (path) => byPath.get(path))
  const altered = problems.filter(({ kind }) => kind === 'altered').map(({ path }) => path)
  if (altered.length > 0)
    throw new InputError(`altered since it was recorded: ${altered.join(', ')}`, {
      remedy: `Put the original back into ${folder}, or remove the file: the pack then has no recording of that session.`,
    })
  for (const { path } of problems)
    process.stderr.write(`${path} is missing: the pack has no recording of that session\n`)
  return files
}

function readRunJournal(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new InputError(`cannot read the journal ${path}: ${(cause as Error).message}`, { cause })
  }
}

function configurationFiles(config: string, topologies: string): readonly PackFile[] {
  const own = existsSync(config) ? [{ path: configName, content: readFileSync(config) }] : []
  return [...own, ...filesIn(topologies, 'topologies')]
}
