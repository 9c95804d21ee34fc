import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Damaged, explain, readSeedOut, type Truth, truthAbout } from '../src/assess/qemu-truth.fixture.ts'
import { openSource } from '../src/image/byte-source.ts'
import { changedBytes, damages, makeSeeds, type Seed } from '../src/image/damage.fixture.ts'
import { readHeader } from '../src/image/header.ts'
import { HeaderError } from '../src/image/header-error.ts'
import { type SilentField, silentFields } from '../src/image/silent-fields.fixture.ts'
import { checkTables } from '../src/image/tables.ts'

const batchSize = 200

/** A disagreement with QEMU about one damaged image. */
export interface Disagreement {
  readonly seed: string
  readonly change: string
  readonly verdict: string
  readonly truth: Truth
  /** The changed fields that nothing contradicts, if they alone explain what QEMU reads. */
  readonly explained: readonly SilentField[]
}

/** The numbers of images by truth and verdict, and each that QEMU refuses or reads otherwise and dr-drill passes. */
export interface TruthOfMutations {
  readonly counts: ReadonlyMap<string, number>
  /** Images in which `qemu-img info` or `check` finds something. */
  readonly found: number
  /** Images that dr-drill passes and QEMU does not open, or reads with other content or not to their end. */
  readonly read: readonly Disagreement[]
  /** Images in which `qemu-img check` finds something, and dr-drill nothing. */
  readonly missed: readonly Disagreement[]
}

/** Judges mutations of all seeds by their headers and tables, and compares with what QEMU finds and reads. */
export async function judgeMutations(
  folder: string,
  mutations: number,
  start: number,
  signal: AbortSignal,
): Promise<TruthOfMutations> {
  mkdirSync(folder)
  const seeds = makeSeeds(folder)
  const rawOf = new Map(seeds.map((seed, nth) => [seed, readSeedOut(seed, join(folder, `${nth}.raw`))]))
  const counts = new Map<string, number>()
  const read: Disagreement[] = []
  const missed: Disagreement[] = []
  let found = 0
  for (const batch of batches(damages(seeds, mutations, start), batchSize)) {
    signal.throwIfAborted()
    const images = batch.map((one, nth): Damaged => {
      const path = join(folder, `damaged-${nth}`)
      writeFileSync(path, one.bytes)
      return { ...one, path }
    })
    const verdicts: string[] = []
    for (const { path, seed } of images) verdicts.push(await verdictOn(path, seed))
    const truths = await truthAbout(
      folder,
      images.map((image, nth) => ({ ...image, ...(isPass(verdicts[nth]) && { raw: rawOf.get(image.seed) ?? '' }) })),
    )
    const wrong: (Damaged & { readonly nth: number })[] = []
    for (const [nth, { seed, original, bytes }] of images.entries()) {
      const verdict = verdicts[nth] ?? ''
      const truth = truths[nth] ?? { info: 1, check: 1, content: 'unread' }
      const key = `info ${truth.info}, check ${truth.check}, content ${truth.content}: ${verdict}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      if (truth.info !== 0 || truth.check !== 0) found++
      if (!isPass(verdict)) continue
      if (truth.info !== 0 || truth.check === 1 || truth.content !== 'same')
        wrong.push({ ...(images[nth] as Damaged), raw: rawOf.get(seed) ?? '', nth })
      // What QEMU calls an error or a leak may be minor.
      else if (truth.check !== 0 && verdict === 'sound')
        missed.push({ seed: seed.name, change: changedBytes(original, bytes), verdict, truth, explained: [] })
    }
    const explained = await explain(folder, wrong)
    for (const [at, { seed, original, bytes, nth }] of wrong.entries())
      read.push({
        seed: seed.name,
        change: changedBytes(original, bytes),
        verdict: verdicts[nth] ?? '',
        truth: truths[nth] as Truth,
        explained: explained[at] ?? [],
      })
  }
  return { counts, found, read, missed }
}

/** What was counted, as text for people. */
export function printMutations({ counts, read, missed }: TruthOfMutations): string {
  const row = (count: number, text: string) => `  ${`${count}`.padStart(6)}  ${text}`
  const byField = Map.groupBy(
    read.filter(({ explained }) => explained.length > 0),
    ({ explained }) => explained.toSorted().join(' and '),
  )
  const unexplained = read.filter(({ explained }) => explained.length === 0)
  return [
    'By the exit codes of qemu-img, what it reads, and the verdict on the tables:',
    ...[...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, count]) => row(count, key)),
    'Other content, or no content, without a finding, by the changed fields that alone explain it:',
    ...[...byField].map(([fields, of]) => row(of.length, fields)),
    'Why nothing in an image contradicts another value of such a field:',
    ...Object.entries(silentFields).map(([field, why]) => `  ${field}: ${why}`),
    ...unexplained.map((one) => `UNEXPLAINED: ${JSON.stringify(one)}`),
    ...missed.map((one) => `MISSED: ${JSON.stringify(one)}`),
  ].join('\n')
}

const isPass = (verdict = ''): boolean => verdict === 'sound' || verdict === 'minor'

function* batches<One>(all: Iterable<One>, size: number): Generator<readonly One[]> {
  let batch: One[] = []
  for (const one of all) {
    batch.push(one)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

async function verdictOn(path: string, seed: Seed): Promise<string> {
  await using source = await openSource(path)
  try {
    const header = await readHeader(source)
    if (header.externalDataFile !== undefined) return 'external data'
    // The verdict on the image is unknown, whatever its tables are.
    if (header.encryption === 'aes') return 'unsupported'
    // Names of parents are judged with the records, which are not here.
    if (header.backing?.name !== seed.parent) return 'another parent'
    if (header.backingFormat !== undefined && header.backingFormat !== 'qcow2') return 'another format of the parent'
    return (await checkTables(source, header, source.fileBytes)).verdict
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error
    return error.problem
  }
}
