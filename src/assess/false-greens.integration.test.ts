import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { openContentReader } from '../content/open-reader.ts'
import { createTarget } from '../generate/create.ts'
import { readShape } from '../generate/read-shape.ts'
import { openSource } from '../image/byte-source.ts'
import { readHeader } from '../image/header.ts'
import { LocalShell } from '../shell/local.ts'
import { assessTargets, scratch } from './assessment.fixture.ts'
import type { Depth } from './judge/past-image.ts'
import { PastFile } from './past/past-file.ts'
import type { SiteDescription } from './site/site-description.ts'

const site: SiteDescription = { base: '/var/triliovault-mounts', rule: 'share', shares: ['10.10.2.20:/upstream'] }
const qemu = (...args: string[]) => execFileSync('qemu-img', args, { stdio: ['ignore', 'pipe', 'pipe'] })

/** The chain that is damaged: absolute paths of its images, the full image first. */
type Chain = readonly [full: string, second: string, third: string, newest: string]

const offsetMask = 0x00ff_ffff_ffff_fe00n
function patch(path: string, change: (image: { bytes: Buffer; l1: number; l2: number; clusterBytes: number }) => void) {
  const bytes = readFileSync(path)
  const l1 = Number(bytes.readBigUInt64BE(40))
  const entries = Array.from({ length: bytes.readUInt32BE(36) }, (_, nth) => bytes.readBigUInt64BE(l1 + nth * 8))
  const l2 = Number((entries.find((entry) => entry !== 0n) ?? 0n) & offsetMask)
  change({ bytes, l1, l2, clusterBytes: 2 ** bytes.readUInt32BE(20) })
  writeFileSync(path, bytes)
}

const used = (bytes: Buffer, l2: number, clusterBytes: number): readonly number[] =>
  Array.from({ length: clusterBytes / 8 }, (_, nth) => l2 + nth * 8).filter((at) => bytes.readBigUInt64BE(at) !== 0n)

/** How each row of the table in docs/assess.md is made. */
const damages: Readonly<Record<string, (chain: Chain) => void | Promise<void>>> = {
  nothing: () => {},
  'a parent that is cut by whole clusters': ([full]) =>
    truncateSync(full, Math.floor(readFileSync(full).length / 131_072) * 65_536),
  'an image that is cut within its last cluster': ([full]) => truncateSync(full, readFileSync(full).length - 1000),
  'a blank L1 table': ([full]) => patch(full, ({ bytes, l1 }) => bytes.fill(0, l1, l1 + 8 * bytes.readUInt32BE(36))),
  'a blank L2 table': ([full]) => patch(full, ({ bytes, l2, clusterBytes }) => bytes.fill(0, l2, l2 + clusterBytes)),
  'two entries of an L2 table for one cluster': ([full]) =>
    patch(full, ({ bytes, l2, clusterBytes }) => {
      const [first = 0, , , other = 0] = used(bytes, l2, clusterBytes)
      bytes.copy(bytes, other, first, first + 8)
    }),
  'an entry of an L2 table that leads to the L1 table': ([full]) =>
    patch(full, ({ bytes, l1, l2, clusterBytes }) => {
      const [first = 0] = used(bytes, l2, clusterBytes)
      bytes.writeBigUInt64BE(BigInt(l1) | (1n << 63n), first)
    }),
  'blank refcounts': ([full]) =>
    patch(full, ({ bytes }) => bytes.fill(0, Number(bytes.readBigUInt64BE(48)), Number(bytes.readBigUInt64BE(48)) + 8)),
  'a link replaced by an empty overlay': async ([, second]) => {
    await using source = await openSource(second)
    const { backing, virtualSizeBytes } = await readHeader(source)
    qemu('create', '-q', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', backing?.name ?? '', second, `${virtualSizeBytes}`)
  },
  'the first cluster of another image of the chain': ([, second, third]) => {
    const bytes = readFileSync(second)
    readFileSync(third).copy(bytes, 0, 0, 65_536)
    writeFileSync(second, bytes)
  },
  'a parent of 0 bytes': ([full]) => writeFileSync(full, ''),
  'a base that is smaller than its record': ([full]) => {
    qemu('resize', '-q', '--shrink', '-f', 'qcow2', full, '600M')
  },
  'every link rebased to the full image': async ([, second, ...others]) => {
    await using source = await openSource(second)
    const { backing } = await readHeader(source)
    for (const link of others) qemu('rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', backing?.name ?? '', link)
  },
  'a rebase to a path that does not exist': ([, second]) => {
    qemu('rebase', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b', '/var/triliovault-mounts/none', second)
  },
  'another byte of content': ([full]) =>
    patch(full, ({ bytes, l2, clusterBytes }) => {
      const [first = 0] = used(bytes, l2, clusterBytes)
      const at = Number(bytes.readBigUInt64BE(first) & offsetMask)
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
    }),
}

/** The rows of the table in the documentation: the damage, and what each depth reports. */
const documented = new Map(
  readFileSync(join(import.meta.dirname, '../../docs/assess.md'), 'utf8')
    .split('\n## ')
    .find((section) => section.startsWith('What each depth proves'))
    ?.split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| damage') && !line.startsWith('|--'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.replaceAll('`', '').trim()),
    )
    .map(([damage = '', ...reports]) => [damage, reports] as const),
)

describe('the table of what each depth proves', () => {
  const folder = scratch('false-greens')
  const target = join(folder, 'target')
  const record = join(folder, 'record')
  let images: readonly string[] = []

  before(async () => {
    const shape = readShape(undefined, { workloads: 1, vms: 1, disks: 1, snapshots: 4, diskSize: '1GiB' })
    await createTarget({ directory: target, shape, dataBy: new LocalShell() })
    const judged = await assessTargets([target], { site })
    images = judged.images.toSorted((a, b) => a.links - b.links).map(({ path }) => path)
    assert.equal(images.length, 4)
    const sound = join(folder, 'sound')
    cpSync(target, sound, { recursive: true })
    withoutDigests(images.map((path) => join(sound, path)))
    await using file = await PastFile.open(record)
    await reportAt(sound, 'content', file)
    await file.save()
  })

  /** As the product writes records: without digests. */
  function withoutDigests(chain: readonly string[]): void {
    for (const path of chain) {
      const row = join(path, '../disk_db')
      writeFileSync(row, readFileSync(row, 'utf8').replaceAll('content_digest', 'no_digest'))
    }
  }

  /** The report on the newest disk, which is read through all the others. */
  async function reportAt(root: string, depth: Depth, file?: PastFile): Promise<string> {
    const readContent = depth === 'content' ? { readContent: await openContentReader() } : {}
    const past = file && { past: { file, tool: 'test' } }
    const judged = await assessTargets([root], { site, depth, ...readContent, ...past })
    const newest = judged.images.find(({ path }) => path === images[3])
    return newest?.defect === undefined ? `${newest?.state}` : `${newest.state}: ${newest.defect.code}`
  }

  it('has a row for each damage', () => assert.deepEqual([...documented.keys()], Object.keys(damages)))

  for (const [damage, make] of Object.entries(damages))
    it(`is right about ${damage}`, async () => {
      const root = join(folder, 'copy')
      cpSync(target, root, { recursive: true })
      try {
        const chain = images.map((path) => join(root, path)) as unknown as Chain
        await make(chain)
        const withDigest = await reportAt(root, 'content')
        withoutDigests(chain)
        const reports = [
          await reportAt(root, 'headers'),
          await reportAt(root, 'tables'),
          await reportAt(root, 'content'),
        ]
        // It is not saved: each damage is compared with the sound chain.
        await using file = await PastFile.open(record)
        const withRecord = await reportAt(root, 'content', file)
        assert.deepEqual([...reports, withRecord, withDigest], documented.get(damage))
      } finally {
        rmSync(root, { recursive: true })
      }
    })
})
