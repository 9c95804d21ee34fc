import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openContentReader } from '../content/open-reader.ts'
import { changedBytes, damages, makeSeeds, type Seed, secretPayload } from '../image/damage.fixture.ts'
import { assess } from './assess.ts'
import type { ImageVerdict } from './judge/verdict.ts'

/** A damaged image: what QEMU finds in it, and what dr-drill reports. */
export interface DamagedImage {
  readonly seed: string
  /** What was changed, for a message. */
  readonly change: string
  /** The exit code of `qemu-img check`: 1 if it cannot open the image, 2 for errors, 3 for leaks only. */
  readonly check: number
  /** What `qemu-img` reads in comparison with the image before the damage. */
  readonly content: 'same' | 'other' | 'unreadable'
  /** By what dr-drill reports it, at each depth that was asked for. */
  readonly verdicts: Readonly<Record<string, Pick<ImageVerdict, 'state' | 'defect'>>>
}

const secretId = '5ec2e700-0000-4000-8000-000000000000'
const batchImages = 150

/** Compares the content with that before the damage, and reads all of it where that could not show an error. */
const judge = `
folder=$1; shift
while IFS= read -r image && IFS= read -r name && IFS= read -r raw; do
  set -- --object secret,id=s,data=${secretPayload}
  timeout 20 qemu-img check "$@" --image-opts "$name" >/dev/null 2>&1; checked=$?
  said=$(timeout 20 qemu-img compare "$@" --image-opts "$name" "driver=raw,file.filename=$raw" 2>&1); compared=$?
  case "$compared $said" in
    *'size mismatch'*|'1 '*)
      if timeout 20 qemu-img convert "$@" --image-opts "$name" -O raw "$folder/out" >/dev/null 2>&1; then content=other
      else content=unreadable; fi; rm -f "$folder/out";;
    '0 '*) content=same;;
    *) content=unreadable;;
  esac
  echo "$checked $content"
done`

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

  async function* judged(batch: readonly ReturnType<typeof place>[]): AsyncGenerator<DamagedImage> {
    const truth = truthAbout(
      folder,
      batch.map(({ path, seed }) => ({ path: join(target, path), seed, raw: rawOf.get(seed.name) ?? '' })),
    )
    const byDepth = new Map<string, ReadonlyMap<string, ImageVerdict>>()
    for (const depth of depths) byDepth.set(depth, await verdictsAt(depth))
    for (const [nth, { path, seed, change }] of batch.entries()) {
      const { check, content } = truth[nth] ?? { check: 1, content: 'unreadable' }
      const verdicts = Object.fromEntries(
        depths.map((depth) => {
          const verdict = byDepth.get(depth)?.get(path)
          if (verdict === undefined) throw new Error(`no verdict on ${path}`)
          return [depth, verdict] as const
        }),
      )
      yield { seed: seed.name, change, check, content, verdicts }
      rmSync(dirname(dirname(dirname(join(target, path)))), { recursive: true })
    }
  }

  function place(nth: number, seed: Seed, bytes: Buffer, original: Buffer) {
    const path = join(diskFolder(nth), idOf(nth))
    mkdirSync(dirname(join(target, path)), { recursive: true })
    writeFileSync(join(target, path), bytes)
    return { path, seed, change: changedBytes(original, bytes) }
  }

  let batch: ReturnType<typeof place>[] = []
  let nth = 0
  for (const { seed, bytes, original } of damages(seeds, count, start)) {
    batch.push(place(++nth, seed, bytes, original))
    if (batch.length < batchImages) continue
    yield* judged(batch)
    batch = []
  }
  if (batch.length > 0) yield* judged(batch)
}

const idOf = (nth: number | string): string =>
  `${nth === 'parent' ? 'ffffffff' : `${nth}`.padStart(8, '0')}-0000-4000-8000-000000000000`

/**
 * What `qemu-img check` and `qemu-img convert` find in damaged images.
 * @param raw the content before the damage
 */
export function truthAbout(
  folder: string,
  images: readonly { readonly path: string; readonly seed: Seed; readonly raw: string }[],
): readonly Pick<DamagedImage, 'check' | 'content'>[] {
  if (images.length === 0) return []
  const input = images.map(({ path, seed, raw }) => `${path}\n${optionsOf(seed, path)}\n${raw}\n`).join('')
  const output = execFileSync('sh', ['-c', judge, 'sh', folder], { input, encoding: 'utf8' })
  return output
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [check = '', content = ''] = line.split(' ')
      return { check: Number(check), content: content as DamagedImage['content'] }
    })
}

const optionsOf = ({ isEncrypted }: Seed, path: string): string =>
  `driver=qcow2,${isEncrypted ? 'encrypt.key-secret=s,' : ''}file.filename=${path}`

/** Writes the content of a seed to a file, and returns the file. */
export function readSeedOut(seed: Seed, raw: string): string {
  const object = ['--object', `secret,id=s,data=${secretPayload}`]
  execFileSync('qemu-img', ['convert', ...object, '--image-opts', optionsOf(seed, seed.path), '-O', 'raw', raw])
  return raw
}

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

/** A verdict that a restore would contradict, and that the tables could have shown. */
export function isWrongPass({ check, content, verdicts }: DamagedImage, depth: string): boolean {
  // With another origin path in its header, an image is restorable once that exists.
  const state = verdicts[depth]?.state
  if (state !== 'restorable' && state !== 'with-secret') return false
  return content === 'unreadable' || (content === 'other' && check !== 0)
}
