import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { persistently } from './luks.fixture.ts'
import { type Area, metadataOf } from './metadata-areas.fixture.ts'
import { randomNumbers } from './mutation.fixture.ts'

/** An image to damage, and how QEMU opens it. */
export interface Seed {
  readonly name: string
  readonly path: string
  readonly isEncrypted: boolean
  /** Its own parent, which is not damaged. */
  readonly parent?: string
}

/** The payload of the secret that opens encrypted seeds. */
export const secretPayload = 'x'

const qemu = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
const commands = (...list: string[]) => list.flatMap((command) => ['-c', command])
/** Data at the start, in the middle and at the end of 640 KiB, and a zeroed part. */
const someData = commands(
  'write -q -P 1 0 40k',
  'write -q -P 2 200k 90k',
  'write -q -z 400k 64k',
  'write -q -P 3 600k 40k',
)
/** Content that compresses, but not to nothing, and that differs from cluster to cluster. */
const variedData = commands(
  ...Array.from({ length: 40 }, (_, nth) => `write -q -P ${nth + 1} ${nth * 16 + (nth % 3)}k ${3 + (nth % 9)}k`),
)

const created: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  'version 2': ['compat=0.10'],
  'clusters of 512': ['cluster_size=512'],
  'clusters of 4096': ['cluster_size=4k'],
  'clusters of 256k': ['cluster_size=256k'],
  'clusters of 2M': ['cluster_size=2M'],
  'subclusters in 16k': ['extended_l2=on,cluster_size=16k'],
  'subclusters in 64k': ['extended_l2=on'],
  'lazy refcounts': ['lazy_refcounts=on'],
  'refcounts of 1': ['refcount_bits=1'],
  'refcounts of 8': ['refcount_bits=8'],
  'refcounts of 64': ['refcount_bits=64,cluster_size=4k'],
  preallocated: ['preallocation=metadata'],
}

const compressed: Readonly<Record<string, string>> = {
  'compressed by zlib': 'cluster_size=64k',
  'compressed by zlib in 4k': 'cluster_size=4k',
  'compressed by zlib in 512': 'cluster_size=512',
  'compressed by zstd': 'compression_type=zstd',
  'compressed by zstd in 8k': 'compression_type=zstd,cluster_size=8k',
  'compressed in 2M': 'cluster_size=2M',
  'compressed with subclusters': 'extended_l2=on,cluster_size=16k',
}

/**
 * Makes one image of every kind in an empty folder.
 * @param parent where the parent of overlays is made, which is not among them
 */
export function makeSeeds(folder: string, parent = join(folder, 'parent')): readonly Seed[] {
  const seeds: Seed[] = []
  const add = (name: string, more: Partial<Seed> = {}) => {
    const path = join(folder, name)
    seeds.push({ name, path, isEncrypted: false, ...more })
    return path
  }
  const make = (path: string, size: string, ...args: string[]) =>
    qemu('qemu-img', 'create', '-q', '-f', 'qcow2', ...args, path, size)
  const write = (path: string, data: readonly string[] = someData) => qemu('qemu-io', '-f', 'qcow2', ...data, path)

  make(parent, '640k')
  write(parent, commands('write -q -P 9 0 300k', 'write -q -P 8 500k 140k'))
  for (const [name, options] of Object.entries(created)) {
    make(add(name), '640k', ...options.flatMap((option) => ['-o', option]))
    write(join(folder, name))
  }
  make(add('empty'), '1M')
  make(add('odd size'), '655872')
  write(join(folder, 'odd size'), commands('write -q -P 5 100k 70k', 'write -q -P 6 655360 512'))
  make(add('several L2 tables'), '20M', '-o', 'cluster_size=4k')
  const places = ['0 9k', '2M 5k', '3M 17k', '8M 4k', '19M 300k']
  write(join(folder, 'several L2 tables'), commands(...places.map((place, nth) => `write -q -P ${nth + 1} ${place}`)))
  make(add('zero clusters'), '640k', '-o', 'cluster_size=16k')
  const zeros = ['write -q -P 1 0 640k', 'write -q -z 64k 64k', 'write -q -z -u 200k 100k', 'discard -q 400k 64k']
  write(join(folder, 'zero clusters'), commands(...zeros))

  const varied = join(folder, 'varied')
  make(varied, '640k')
  write(varied, variedData)
  for (const [name, options] of Object.entries(compressed))
    qemu('qemu-img', 'convert', '-c', '-O', 'qcow2', '-o', options, varied, add(name))

  for (const [name, options] of [
    ['overlay', 'compat=1.1'],
    ['overlay of version 2', 'compat=0.10,cluster_size=16k'],
    ['overlay with subclusters', 'extended_l2=on,cluster_size=32k'],
  ] as const) {
    make(add(name, { parent }), '640k', '-b', parent, '-F', 'qcow2', '-o', options)
    write(join(folder, name))
  }
  const over = ['-B', parent, '-F', 'qcow2']
  qemu('qemu-img', 'convert', '-c', '-O', 'qcow2', ...over, varied, add('compressed overlay', { parent }))

  for (const [name, options] of [
    ['snapshots', 'cluster_size=16k'],
    ['snapshots and refcounts of 32', 'cluster_size=4k,refcount_bits=32'],
  ] as const) {
    make(add(name), '640k', '-o', options)
    write(join(folder, name))
    qemu('qemu-img', 'snapshot', '-c', 'one', join(folder, name))
    write(join(folder, name), commands('write -q -P 7 210k 50k', 'write -q -P 4 0 20k'))
    qemu('qemu-img', 'snapshot', '-c', 'größe', join(folder, name))
  }
  make(add('bitmaps'), '640k', '-o', 'cluster_size=16k')
  for (const name of ['one', 'two']) qemu('qemu-img', 'bitmap', '--add', '-g', '4k', join(folder, 'bitmaps'), name)
  write(join(folder, 'bitmaps'))
  const encryption = 'encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10,cluster_size=16k'
  const object = ['--object', `secret,id=s,data=${secretPayload}`]
  const luks = add('encrypted', { isEncrypted: true })
  persistently(() => make(luks, '640k', ...object, '-o', encryption))
  qemu('qemu-io', ...object, ...someData, '--image-opts', `driver=qcow2,encrypt.key-secret=s,file.filename=${luks}`)
  return seeds
}

/** A damaged copy: one to four bytes of its metadata have other values. Each kind of metadata is as likely to be hit. */
export function damage(original: Buffer, areas: readonly Area[], random: () => number): Buffer {
  const bytes = Buffer.from(original)
  const kinds = [...new Set(areas.map(({ kind }) => kind))]
  const pick = (): Area => {
    const kind = kinds[random() % kinds.length]
    const ofKind = areas.filter((area) => area.kind === kind)
    return ofKind[random() % ofKind.length] ?? { kind: 'header', from: 0, lengthBytes: 72 }
  }
  do {
    for (let left = 1 + (random() % 4); left > 0; left--) {
      const { from, lengthBytes } = pick()
      const at = from + (random() % lengthBytes)
      const kind = random() % 6
      // What another entry has there is more likely to be taken for sound than noise.
      const other = from + ((random() % Math.max(1, lengthBytes >> 3)) * 8 + ((at - from) % 8))
      if (kind > 2) bytes[at] = original[other] ?? 0
      else if (kind === 0) bytes[at] = random() & 255
      else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << (random() % 8))
      else bytes[at] = [0, 1, 2, 3, 4, 127, 128, 255][random() % 8] ?? 0
    }
  } while (bytes.equals(original))
  return bytes
}

/** Damaged copies of all seeds in turn, the same every time. */
export function* damages(
  seeds: readonly Seed[],
  count: number,
  start: number,
): Generator<{ readonly seed: Seed; readonly bytes: Buffer; readonly original: Buffer }> {
  const random = randomNumbers(start)
  const read = seeds.map((seed) => {
    const original = readFileSync(seed.path)
    return { seed, original, areas: metadataOf(original) }
  })
  for (let nth = 0; nth < count; nth++) {
    const one = read[nth % read.length]
    if (one === undefined) return
    yield { seed: one.seed, original: one.original, bytes: damage(one.original, one.areas, random) }
  }
}

/** The bytes that differ, for a message. */
export function changedBytes(original: Uint8Array, bytes: Uint8Array): string {
  const changes: string[] = []
  for (let at = 0; at < bytes.length; at++)
    if (bytes[at] !== original[at]) changes.push(`byte ${at} ${original[at]} → ${bytes[at]}`)
  return changes.join(', ')
}
