import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  confusionMatrix,
  type DamagedImage,
  isWrongPass,
  judgeDamaged,
  readSeedOut,
  truthAbout,
} from '../src/assess/damaged-target.fixture.ts'
import { openSource } from '../src/image/byte-source.ts'
import { changedBytes, damages, makeSeeds, type Seed, secretPayload } from '../src/image/damage.fixture.ts'
import { readHeader } from '../src/image/header.ts'
import { HeaderError } from '../src/image/header-error.ts'
import { silentFields } from '../src/image/silent-fields.fixture.ts'
import { checkTables } from '../src/image/tables.ts'

/** The numbers of images and of mutations. Smaller ones in the environment are for trying it. */
const images = Number(process.env['DR_DRILL_TRUTH_IMAGES'] ?? 1500)
const mutations = Number(process.env['DR_DRILL_TRUTH_MUTATIONS'] ?? 20_000)
const seed = 20_261_129
const batchSize = 200

type Count = readonly [ours: number, ofQemu: number]

interface WrongPasses {
  readonly unreadable: Count
  readonly other: Count
}

/** Verdicts on damaged images, against what qemu-img finds in them and reads from them. */
export class TruthBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Counts images that are reported as restorable although they are not, and all that are not, at two depths. */
  async wrongPasses(): Promise<Readonly<Record<'tables' | 'content', WrongPasses>>> {
    const judged: DamagedImage[] = []
    const folder = join(this.#folder, 'target')
    mkdirSync(folder)
    for await (const image of judgeDamaged(folder, images, seed, ['tables', 'content'])) {
      this.#signal.throwIfAborted()
      judged.push(image)
      for (const depth of ['tables', 'content'])
        if (isWrongPass(image, depth)) print(`WRONG at ${depth}: ${JSON.stringify(image)}`)
    }
    const isWrong = ({ check, content }: DamagedImage) =>
      content === 'unreadable' || (content === 'other' && check !== 0)
    print(`${judged.length} images, each with 1 to 4 changed bytes of metadata, and no recorded digests:`)
    for (const depth of ['tables', 'content']) print(confusionMatrix(judged, depth))
    const countAt = (depth: string, content: DamagedImage['content']): Count => {
      const wrong = judged.filter((image) => isWrongPass(image, depth) && image.content === content)
      return [wrong.length, judged.filter((image) => isWrong(image) && image.content === content).length]
    }
    const at = (depth: string) => ({ unreadable: countAt(depth, 'unreadable'), other: countAt(depth, 'other') })
    return { tables: at('tables'), content: at('content') }
  }

  /**
   * Counts damaged images in which qemu-img finds something and dr-drill nothing, and all in which qemu-img does. What
   * dr-drill finds sound or has minor findings on is also converted.
   */
  async missedErrors(): Promise<{ readonly missed: Count; readonly unexplained: Count }> {
    const folder = join(this.#folder, 'mutations')
    mkdirSync(folder)
    // The names of parents are judged with the records, which are not here.
    const seeds = makeSeeds(folder).filter(({ parent }) => parent === undefined)
    const rawOf = new Map(seeds.map((seed, nth) => [seed, readSeedOut(seed, join(folder, `${nth}.raw`))]))
    const counts = new Map<string, number>()
    const explained = new Map<string, number>()
    let [missed, found, unexplained, other] = [0, 0, 0, 0]
    for (const batch of batches(damages(seeds, mutations, seed + 2), batchSize)) {
      this.#signal.throwIfAborted()
      const paths = batch.map(({ bytes }, nth) => {
        const path = join(folder, `damaged-${nth}`)
        writeFileSync(path, bytes)
        return path
      })
      const exits = qemuExits(batch.map(({ seed: of }, nth) => optionsOf(of, paths[nth] ?? '')))
      const verdicts: string[] = []
      for (const path of paths) verdicts.push(await verdictOn(path))
      const passed = [...verdicts.keys()].filter((nth) => /^(sound|minor)$/.test(verdicts[nth] ?? ''))
      const looks = passed.map((nth) => {
        const of = batch[nth]?.seed as Seed
        return { path: paths[nth] ?? '', seed: of, raw: rawOf.get(of) ?? '' }
      })
      const contents = new Map(truthAbout(folder, looks).map(({ content }, at) => [passed[at], content]))
      for (const [nth, { seed: of, bytes, original }] of batch.entries()) {
        const verdict = verdicts[nth] ?? ''
        const content = contents.get(nth)
        const [info, check] = exits[nth] ?? ['', '']
        const key = `info ${info}, check ${check}: ${verdict}${content === undefined ? '' : `, content ${content}`}`
        if (content !== undefined && content !== 'same') {
          other++
          const fields = silentFields(original, bytes).join(' and ')
          if (content === 'other' && fields !== '') explained.set(fields, (explained.get(fields) ?? 0) + 1)
          else {
            unexplained++
            print(`UNEXPLAINED: ${of.name}: ${changedBytes(original, bytes)}: ${key}`)
          }
        }
        counts.set(key, (counts.get(key) ?? 0) + 1)
        if (info === '0' && check === '0') continue
        found++
        if (!/^(sound|minor)$/.test(verdict)) continue
        // What QEMU calls an error may be minor, but not an image that it does not open.
        if (verdict === 'minor' && info === '0' && check !== '1') continue
        missed++
        print(`MISSED: ${of.name}: ${changedBytes(original, bytes)}: ${key}`)
      }
    }
    print(`${mutations} mutations, by the exit codes of qemu-img and the verdict on the tables:`)
    for (const [key, count] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      print(`  ${`${count}`.padStart(6)}  ${key}`)
    print('Other content without a finding, by the changed field that nothing contradicts:')
    for (const [fields, count] of explained) print(`  ${`${count}`.padStart(6)}  ${fields}`)
    return { missed: [missed, found], unexplained: [unexplained, other] }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

const print = (line: string) => process.stderr.write(`${line}\n`)

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

const optionsOf = ({ isEncrypted }: Seed, path: string): string =>
  `driver=qcow2,${isEncrypted ? 'encrypt.key-secret=s,' : ''}file.filename=${path}`

/** Exit codes of `qemu-img info` and `qemu-img check`. */
function qemuExits(names: readonly string[]): readonly (readonly string[])[] {
  const script = `for name do for command in info check; do
    qemu-img $command --object secret,id=s,data=${secretPayload} --image-opts "$name" >/dev/null 2>&1; printf '%s ' $?
  done; echo; done`
  return execFileSync('sh', ['-c', script, 'sh', ...names], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(' '))
}

async function verdictOn(path: string): Promise<string> {
  await using source = await openSource(path)
  try {
    const header = await readHeader(source)
    if (header.externalDataFile !== undefined) return 'external data'
    // The verdict on the image is unknown, whatever its tables are.
    if (header.encryption === 'aes') return 'unsupported'
    return (await checkTables(source, header, source.fileBytes)).verdict
  } catch (error) {
    if (!(error instanceof HeaderError)) throw error
    return error.problem
  }
}
