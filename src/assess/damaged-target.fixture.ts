import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openContentReader } from '../content/open-reader.ts'
import { changedBytes, damages, makeSeeds, type Seed, secretPayload } from '../image/damage.fixture.ts'
import type { SilentField } from '../image/silent-fields.fixture.ts'
import { assess } from './assess.ts'
import type { ImageVerdict } from './judge/verdict.ts'
import { explain, readSeedOut, type Truth, truthAbout } from './qemu-truth.fixture.ts'

/** A damaged image: what QEMU finds in it, and what dr-drill reports. */
export interface DamagedImage {
  readonly seed: string
  /** What was changed, for a message. */
  readonly change: string
  /** The changed fields that nothing contradicts, if QEMU reads the content before the damage without their changes. */
  readonly explained: readonly SilentField[]
  /** The exit code of `qemu-img check`: 1 if it cannot open the image, 2 for errors, 3 for leaks only. */
  readonly check: number
  /** What `qemu-img` reads in comparison with the image before the damage. */
  readonly content: Exclude<Truth['content'], 'unread'>
  /** By what dr-drill reports it, at each depth that was asked for. */
  readonly verdicts: Readonly<Record<string, Pick<ImageVerdict, 'state' | 'defect'>>>
}

/** A damaged image, by its path below the target. */
interface Placed {
  readonly path: string
  readonly seed: Seed
  readonly bytes: Buffer
  readonly original: Buffer
}

const secretId = '5ec2e700-0000-4000-8000-000000000000'
const batchImages = 150

/**
 * Damages images of every kind, one to four bytes each, puts them into a target without digests, and yields the truth
 * about each with the verdicts on it. In batches: a thousand images are too many to keep.
 */
export async function* judgeDamaged(
  folder: string,
  count: number,
  start: number,
  depths: readonly ('tables' | 'content')[],
): AsyncGenerator<DamagedImage, void, undefined> {
  const target = join(folder, 'target')
  const diskFolder = (nth: number | string) =>
    join(
      'workload_00000000-0000-4000-8000-000000000000',
      `snapshot_${idOf(nth)}`,
      `vm_id_${idOf(0)}`,
      `vm_res_id_${idOf(nth)}_vda`,
    )
  const parent = join(target, diskFolder('parent'), idOf('parent'))
  const seedFolder = join(folder, 'seeds')
  const secretsFolder = join(folder, 'secrets')
  for (const one of [dirname(parent), seedFolder, secretsFolder]) mkdirSync(one, { recursive: true })
  writeFileSync(join(secretsFolder, secretId), secretPayload)
  writeFileSync(join(target, diskFolder('parent'), '../../../workload_db'), JSON.stringify({ secret_uuid: secretId }))
  const seeds = makeSeeds(seedFolder, parent)
  const rawOf = new Map(seeds.map((seed) => [seed.name, readSeedOut(seed, join(folder, `${seeds.indexOf(seed)}.raw`))]))
  const readContent = await openContentReader({ secretsFolder })

  const verdictsAt = async (depth: 'tables' | 'content') => {
    const found = new Map<string, ImageVerdict>()
    const onImage = (record: object) => {
      const verdict = record as ImageVerdict
      found.set(verdict.path, verdict)
      return undefined
    }
    const request = {
      targets: [target],
      depth,
      concurrency: 2,
      answerWithinMs: 60_000,
      nowMs: 0,
      failOn: [],
      readContent,
    }
    await assess(request, { onImage }, new AbortController().signal)
    return found
  }

  async function* judged(batch: readonly Placed[]): AsyncGenerator<DamagedImage> {
    const images = batch.map((one) => ({ ...one, path: join(target, one.path), raw: rawOf.get(one.seed.name) ?? '' }))
    const truth = await truthAbout(folder, images)
    const byDepth = new Map<string, ReadonlyMap<string, ImageVerdict>>()
    for (const depth of depths) byDepth.set(depth, await verdictsAt(depth))
    const judged = batch.map(({ path, seed, bytes, original }, nth): DamagedImage => {
      const { check, content } = truth[nth] ?? { check: 1, content: 'unread' }
      if (content === 'unread') throw new Error(`${path} was not read`)
      const verdicts = Object.fromEntries(
        depths.map((depth) => {
          const verdict = byDepth.get(depth)?.get(path)
          if (verdict === undefined) throw new Error(`no verdict on ${path}`)
          return [depth, verdict] as const
        }),
      )
      return { seed: seed.name, change: changedBytes(original, bytes), explained: [], check, content, verdicts }
    })
    const passed = judged.flatMap((one, nth) => {
      const image = images[nth]
      return image !== undefined && depths.some((depth) => isWrongPass(one, depth)) ? [{ ...image, nth }] : []
    })
    const explained = await explain(folder, passed)
    const fieldsOf = new Map(passed.map(({ nth }, at) => [nth, explained[at] ?? []]))
    for (const [nth, { path }] of images.entries()) {
      yield { ...(judged[nth] as DamagedImage), explained: fieldsOf.get(nth) ?? [] }
      rmSync(dirname(dirname(dirname(path))), { recursive: true })
    }
  }

  function place(nth: number, { seed, bytes, original }: Omit<Placed, 'path'>): Placed {
    const path = join(diskFolder(nth), idOf(nth))
    mkdirSync(dirname(join(target, path)), { recursive: true })
    writeFileSync(join(target, path), bytes)
    return { path, seed, bytes, original }
  }

  let batch: Placed[] = []
  let nth = 0
  for (const damaged of damages(seeds, count, start)) {
    batch.push(place(++nth, damaged))
    if (batch.length < batchImages) continue
    yield* judged(batch)
    batch = []
  }
  if (batch.length > 0) yield* judged(batch)
}

const idOf = (nth: number | string): string =>
  `${nth === 'parent' ? 'ffffffff' : `${nth}`.padStart(8, '0')}-0000-4000-8000-000000000000`

/** The number of images by truth and verdict, as a table for people. */
export function confusionMatrix(images: readonly DamagedImage[], depth: string): string {
  const checks = ['no errors', 'cannot open', 'errors', 'leaks'] as const
  const states = ['restorable', 'after-recovery', 'with-secret', 'unknown', 'broken'] as const
  const rowOf = ({ check, content }: DamagedImage) =>
    `${content.padEnd(10)}  ${(checks[check] ?? `exit ${check}`).padEnd(11)}`
  const rows = [...Map.groupBy(images, rowOf)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([row, of]) => {
      const counts = states.map((state) => of.filter(({ verdicts }) => verdicts[depth]?.state === state).length)
      return `  ${row}  ${counts.map((count) => `${count}`.padStart(14)).join('')}`
    })
  const head = `  ${'content'.padEnd(10)}  ${'check'.padEnd(11)}  ${states.map((state) => state.padStart(14)).join('')}`
  return [`--depth ${depth}`, head, ...rows, ''].join('\n')
}

/**
 * A verdict that a restore would contradict. Fields that nothing contradicts explain other content, and at `tables` also an
 * image that no secret opens.
 */
export function isWrongPass({ content, explained, verdicts }: DamagedImage, depth: string): boolean {
  // With another origin path in its header, an image is restorable once that exists.
  const state = verdicts[depth]?.state
  if ((state !== 'restorable' && state !== 'with-secret') || content === 'same') return false
  return explained.length === 0 || (content === 'unreadable' && depth === 'content')
}
