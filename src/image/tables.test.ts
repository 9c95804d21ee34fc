import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { type ByteSource, fileSource } from './byte-source.ts'
import { type ImageHeader, parseHeader, readHeader } from './header.ts'
import { randomNumbers } from './mutation.fixture.ts'
import { readSnapshots } from './snapshots.ts'
import { checkTables } from './tables.ts'

/** A huge sparse file of zeroes with some bytes, which counts what is read. */
class Sparse implements ByteSource {
  readonly fileBytes: number
  readonly patches: readonly (readonly [number, Uint8Array])[]
  #inFlight = 0
  maxAtOnce = 0
  total = 0
  reads = 0

  constructor(fileBytes: number, patches: readonly (readonly [number, Uint8Array])[]) {
    this.fileBytes = fileBytes
    this.patches = patches
  }

  async read(offset: number, lengthBytes: number): Promise<Uint8Array> {
    assert.ok(Number.isSafeInteger(offset) && offset >= 0 && offset < this.fileBytes, `read at ${offset}`)
    this.#inFlight += lengthBytes
    this.maxAtOnce = Math.max(this.maxAtOnce, this.#inFlight)
    this.total += lengthBytes
    this.reads++
    const bytes = new Uint8Array(Math.min(lengthBytes, this.fileBytes - offset))
    for (const [at, patch] of this.patches) {
      const from = Math.max(at, offset)
      const to = Math.min(at + patch.length, offset + bytes.length)
      if (from < to) bytes.set(patch.subarray(from - at, to - at), from - offset)
    }
    await undefined
    this.#inFlight -= lengthBytes
    return bytes
  }
}

const l1Offset = 2 ** 22
const refcountOffset = 2 ** 21

function headerOf(overrides: Partial<ImageHeader> & { clusterBits?: number; entries?: number } = {}): ImageHeader {
  const { clusterBits = 16, entries = 1, virtualSizeBytes = 2 ** 20, extendedL2 = false } = overrides
  const bytes = Buffer.alloc(104)
  bytes.write('QFI\xfb', 'latin1')
  bytes.writeUInt32BE(3, 4)
  bytes.writeUInt32BE(clusterBits, 20)
  bytes.writeBigUInt64BE(BigInt(virtualSizeBytes), 24)
  bytes.writeUInt32BE(entries, 36)
  bytes.writeBigUInt64BE(BigInt(l1Offset), 40)
  bytes.writeBigUInt64BE(BigInt(refcountOffset), 48)
  bytes.writeUInt32BE(1, 56)
  bytes.writeBigUInt64BE(extendedL2 ? 16n : 0n, 72)
  bytes.writeUInt32BE(4, 96)
  bytes.writeUInt32BE(104, 100)
  return { ...parseHeader(Buffer.concat([bytes, Buffer.alloc(2 ** clusterBits)])), ...overrides }
}

function table(...entries: readonly (bigint | number)[]): Uint8Array {
  const bytes = Buffer.alloc(entries.length * 8)
  for (const [index, entry] of entries.entries()) bytes.writeBigUInt64BE(BigInt(entry), index * 8)
  return bytes
}

const repeated = (count: number, entry: (index: number) => bigint) =>
  table(...Array.from({ length: count }, (_, index) => entry(index)))

async function check(header: ImageHeader, source: Sparse) {
  const finding = await checkTables(source, header, source.fileBytes)
  assert.ok(source.maxAtOnce <= 2 ** 20, `${source.maxAtOnce} bytes at once`)
  return finding
}

const l2Offset = 2 ** 23
const copied = 1n << 63n

/** An image with one L2 table, whose refcounts are right: each cluster that is in use has a reference. */
function withL2(header: ImageHeader, fileBytes: number, ...given: readonly (bigint | number)[]): Sparse {
  const { clusterBits, clusterBytes, extendedL2, refcountTable } = header
  const isEntry = (at: number) => !extendedL2 || at % 2 === 0
  const isCompressed = (entry: bigint) => (entry & (1n << 62n)) !== 0n
  const placeOf = (entry: bigint) => Number(entry & 0x00ff_ffff_ffff_fe00n)
  const entries = given.map((entry, at) => {
    const one = BigInt(entry)
    return isEntry(at) && !isCompressed(one) && placeOf(one) > 0 ? one | copied : one
  })
  const ofRefcounts = Array.from({ length: refcountTable.clusters }, (_, nth) => refcountOffset + nth * clusterBytes)
  const used = [0, ...ofRefcounts, l1Offset, l2Offset].map((at) => at / clusterBytes)
  for (const [at, entry] of entries.entries()) {
    if (!isEntry(at) || entry === 0n) continue
    if (!isCompressed(entry)) {
      if (placeOf(entry) > 0) used.push(Math.floor(placeOf(entry) / clusterBytes))
      continue
    }
    const highBits = BigInt(62 - (clusterBits - 8))
    const from = Number(entry & ((1n << highBits) - 1n))
    const sectors = Number((entry & ((1n << 62n) - 1n)) >> highBits)
    const last = Math.min((Math.floor(from / 512) + sectors) * 512, fileBytes - 1)
    for (let at = Math.floor(from / clusterBytes); at <= Math.floor(last / clusterBytes); at++) used.push(at)
  }
  return new Sparse(fileBytes, [
    [l1Offset, table(copied | BigInt(l2Offset))],
    [l2Offset, table(...entries)],
    ...refcountsOf(clusterBytes, used),
  ])
}

/** A refcount table, and refcount blocks for these clusters, which are counted as well. */
function refcountsOf(clusterBytes: number, used: readonly number[]): (readonly [number, Uint8Array])[] {
  const perBlock = clusterBytes / 2
  const blockAt = (nth: number) => 3 * 2 ** 21 + nth * clusterBytes
  const numbers: number[] = []
  const add = (cluster: number) => {
    const number = Math.floor(cluster / perBlock)
    if (numbers.includes(number)) return
    numbers.push(number)
    add(blockAt(numbers.length - 1) / clusterBytes)
  }
  for (const cluster of used) add(cluster)
  const all = [...used, ...numbers.map((_, nth) => blockAt(nth) / clusterBytes)]
  return numbers.flatMap((number, nth) => {
    const block = new Uint8Array(clusterBytes)
    for (const cluster of all.filter((one) => Math.floor(one / perBlock) === number)) {
      const at = (cluster % perBlock) * 2 + 1
      block[at] = (block[at] ?? 0) + 1
    }
    return [
      [refcountOffset + number * 8, table(blockAt(nth))],
      [blockAt(nth), block],
    ] as const
  })
}

test('a cluster beyond the end of the file is found', async () => {
  const header = headerOf()
  const at = 2 ** 24
  const verdict = async (fileBytes: number, ...entries: readonly (bigint | number)[]) =>
    (await check(header, withL2(header, fileBytes, ...entries))).verdict
  assert.equal(await verdict(at + 65_536, at), 'sound')
  assert.equal(await verdict(at + 65_535, at), 'unknown')
  assert.equal(await verdict(at + 1, at), 'unknown')
  assert.equal(await verdict(at, at), 'truncated')
  assert.equal(await verdict(at - 1, at), 'truncated')
  assert.deepEqual(await check(header, withL2(header, at, 0, at)), {
    verdict: 'truncated',
    what: 'a cluster',
    offset: at,
    guestOffset: 65_536,
  })
  // An allocated cluster of zeroes: it is not read, but its position must be in the file.
  assert.equal(await verdict(at + 1, at + 1), 'sound')
  assert.equal(await verdict(at, at + 1), 'truncated')
  assert.equal(await verdict(at, 1), 'sound')
  // A proof of a cut precedes a suspicion.
  assert.equal(await verdict(at + 1, at, at + 65_536), 'truncated')
  assert.equal(await verdict(2 ** 25, at + 512), 'damaged')
})

test('a missing part beyond the end of the disk is ignored', async () => {
  const at = 2 ** 24
  const header = headerOf({ virtualSizeBytes: 65_536 + 512 })
  assert.equal((await check(header, withL2(header, at + 512, 0, at))).verdict, 'sound')
  assert.equal((await check(header, withL2(header, at + 511, 0, at))).verdict, 'unknown')
  assert.equal((await check(header, withL2(header, at, 0, 0, at))).verdict, 'truncated')
  assert.equal((await check(header, withL2(header, l2Offset + 16))).verdict, 'sound')
  assert.equal((await check(header, withL2(header, l2Offset + 8))).verdict, 'unknown')
  assert.equal((await check(header, withL2(header, l2Offset))).verdict, 'truncated')
})

test('a cluster beyond the end of the disk shows that the disk was larger', async () => {
  const at = 2 ** 24
  const compressed = (2n ** 62n) | BigInt(at)
  for (const virtualSizeBytes of [512, 65_536, 65_536 + 512, 2 * 65_536]) {
    const header = headerOf({ virtualSizeBytes })
    for (const entry of [BigInt(at), 1n, compressed]) {
      const { verdict, why } = await check(header, withL2(header, at + 65_536, 0, 0, entry))
      assert.equal(verdict, 'suspect')
      assert.equal(why, `a cluster for byte 131072 of the disk, which has only ${virtualSizeBytes} bytes`)
    }
  }
  const larger = headerOf({ virtualSizeBytes: 2 * 65_536 + 512 })
  assert.equal((await check(larger, withL2(larger, at + 65_536, 0, 0, at))).verdict, 'sound')
})

test('a disk with a part of a sector is suspect, because QEMU leaves that out', async () => {
  for (const virtualSizeBytes of [1, 511, 513, 2 ** 20 - 1]) {
    const { verdict, why } = await check(headerOf({ virtualSizeBytes }), withL2(headerOf(), 2 ** 24))
    assert.equal(verdict, 'suspect')
    assert.equal(why, `the disk has ${virtualSizeBytes} bytes, and QEMU reads only whole sectors of 512 bytes`)
  }
})

test('an entry with the flag of a cluster and without one has lost it', async () => {
  for (const extendedL2 of [false, true]) {
    const header = headerOf({ extendedL2 })
    const { verdict, why } = await check(header, withL2(header, 2 ** 24, copied))
    assert.equal(verdict, 'suspect')
    assert.match(why ?? '', /the entry for byte 0 of the disk has the flag for a refcount of 1, and no cluster/)
  }
  const header = headerOf()
  assert.equal((await check(header, withL2(header, 2 ** 24, copied | 1n))).verdict, 'sound')
})

test('a compressed cluster is judged by its last sector', async () => {
  const compressed = (clusterBits: number, offset: number, sectors: number) =>
    (2n ** 62n) | (BigInt(sectors) << BigInt(62 - (clusterBits - 8))) | BigInt(offset)
  const at = 2 ** 24 + 100
  for (const clusterBits of [9, 12, 16, 21]) {
    const bytes = deflateRawSync(new Uint8Array(2 ** clusterBits).fill(7), { windowBits: 12 })
    const sectors = Math.floor((100 + bytes.length - 1) / 512)
    const header = {
      ...headerOf({ clusterBits, virtualSizeBytes: 2 ** clusterBits }),
      refcountTable: { offset: refcountOffset, clusters: clusterBits === 9 ? 4 : 1 },
    }
    const source = (fileBytes: number, content = bytes) =>
      new Sparse(fileBytes, [...withL2(header, fileBytes, compressed(clusterBits, at, sectors)).patches, [at, content]])
    const verdict = async (fileBytes: number) => (await check(header, source(fileBytes))).verdict
    const end = at - 100 + (sectors + 1) * 512
    assert.equal(await verdict(end), 'sound')
    assert.equal(await verdict(end - 1), 'unknown')
    assert.equal(await verdict(at), 'truncated')
    const wrong = await check(header, source(end, bytes.subarray(1)))
    assert.equal(wrong.verdict, 'damaged')
    assert.match(
      wrong.why ?? '',
      /^the compressed cluster at byte 16777316, for byte 0 of the disk, cannot be decompressed: /,
    )
    assert.equal((await check(header, withL2(header, 2 ** 40, (2n ** 62n) | (2n ** 49n - 1n)))).verdict, 'truncated')
  }
})

test('a subcluster beyond the end of the file is found', async () => {
  const header = headerOf({ extendedL2: true })
  const at = 2 ** 24
  const verdict = async (fileBytes: number, entry: number, bitmap: bigint) =>
    (await check(header, withL2(header, fileBytes, entry, bitmap))).verdict
  assert.equal(await verdict(at + 4096, at, 2n), 'sound')
  assert.equal(await verdict(at + 4095, at, 2n), 'unknown')
  assert.equal(await verdict(at + 2048, at, 2n), 'truncated')
  assert.equal(await verdict(at + 2048, at, 1n), 'sound')
  assert.equal(await verdict(at + 65_535, at, 2n ** 31n), 'unknown')
  assert.equal(await verdict(at + 1, at, 2n ** 32n), 'sound')
  assert.equal(await verdict(at, 0, 2n ** 32n), 'sound')
  assert.equal(await verdict(at, 0, 1n), 'damaged')
  assert.equal(await verdict(at + 65_536, at, 2n ** 32n + 1n), 'damaged')
})

test('tables at impossible offsets are found, and not read', async () => {
  const verdict = async (...entries: readonly (bigint | number)[]) =>
    (await check(headerOf({ entries: entries.length }), new Sparse(2 ** 40, [[l1Offset, table(...entries)]]))).verdict
  assert.equal(await verdict(2n ** 56n - 65_536n), 'truncated')
  assert.equal(await verdict(2n ** 64n - 65_536n), 'truncated')
  assert.equal(await verdict(2n ** 40n), 'truncated')
  assert.equal(await verdict(512), 'damaged')
  // A flag without an offset: QEMU ignores it, and qemu-img check reports an error.
  assert.equal(await verdict(2n ** 63n), 'damaged')
  assert.equal(await verdict(l2Offset, l2Offset), 'damaged')
  assert.equal(await verdict(l1Offset), 'damaged')
  const beyond = new Sparse(l1Offset, [])
  assert.deepEqual(await check(headerOf(), beyond), { verdict: 'truncated', what: 'the L1 table', offset: l1Offset })
  assert.equal(beyond.reads, 0)
  const far = { ...headerOf(), l1: { offset: 2 ** 62, entries: 1 } }
  assert.equal((await check(far, new Sparse(2 ** 40, []))).verdict, 'truncated')
  const refcounts = new Sparse(2 ** 24, [[refcountOffset, table(2 ** 24)]])
  assert.equal((await check(headerOf(), refcounts)).what, 'a refcount block')
  const last = 2 ** 24 - 65_536
  const self = new Sparse(2 ** 24, [
    [l1Offset, table(copied | BigInt(last))],
    ...refcountsOf(
      65_536,
      [0, refcountOffset, l1Offset, last].map((at) => at / 65_536),
    ),
  ])
  assert.equal((await check(headerOf(), self)).verdict, 'sound')
})

test('the largest L1 table with a single L2 table is judged at once', async () => {
  const entries = 2 ** 22
  const source = new Sparse(2 ** 50, [[l1Offset, new Uint8Array(entries * 8).fill(1)]])
  // 0x0101…: an offset beyond 2^48, the same in every entry.
  assert.equal(
    (await check(headerOf({ entries, clusterBits: 9, virtualSizeBytes: 2 ** 30 }), source)).verdict,
    'damaged',
  )
  assert.ok(source.total < 2 ** 20, `${source.total}`)
})

test('too many L2 tables for the file, or for the limit, end the check', async () => {
  const entries = 100_000
  const l1 = repeated(entries, (index) => BigInt(l2Offset + index * 2 ** 21))
  const header = headerOf({ entries, clusterBits: 21 })
  const huge = new Sparse(2 ** 40, [[l1Offset, l1]])
  const finding = await checkTables(huge, header, huge.fileBytes, { maxBytes: 2 ** 25 })
  assert.deepEqual([finding.verdict, finding.why], ['suspect', 'the image has more than 33554432 bytes of L2 tables'])
  assert.ok(huge.total < 2 ** 26 && huge.maxAtOnce <= 2 ** 20)
  const aborted = AbortSignal.abort(new Error('enough'))
  await assert.rejects(checkTables(huge, header, huge.fileBytes, { signal: aborted }), /enough/)
})

test('a file that shrinks while it is read is unknown', async () => {
  const source = withL2(headerOf(), l2Offset + 100)
  const finding = await checkTables(source, headerOf(), l2Offset + 65_536)
  assert.deepEqual([finding.verdict, finding.offset], ['unknown', l2Offset + 100])
})

test('random tables are judged without an error', async () => {
  const random = randomNumbers(7)
  const verdicts: Record<string, number> = {}
  for (let round = 0; round < 5000; round++) {
    const entry = () => (random() % 3 === 0 ? random() & 0x3_ff_ff_ff : random() * 2 ** 31 * (random() % 2))
    const noise = () => table(...Array.from({ length: 1 + (random() % 20) }, () => BigInt(Math.floor(entry()))))
    const aligned = random() % 2 === 0 ? table(l2Offset) : noise()
    const source = new Sparse(l1Offset + (random() % 2 ** 26), [
      [l1Offset, aligned],
      [l2Offset, noise()],
      [refcountOffset, noise()],
    ])
    const header = headerOf({
      extendedL2: random() % 2 === 0,
      clusterBits: 14 + (random() % 8),
      entries: 1 + (random() % 3000),
      snapshots: { count: random() % 3, offset: l2Offset },
    })
    const { verdict } = await check(header, source)
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
  }
  assert.deepEqual(Object.keys(verdicts).sort(), ['damaged', 'suspect', 'truncated'])
})

test('a table of internal snapshots is read entry by entry, and refused if damaged', async () => {
  const snapshots = { count: 65_536, offset: l2Offset }
  const many = new Sparse(2 ** 30, [])
  let count = 0
  for await (const one of readSnapshots(many, { snapshots })) count += one.l1.entries === 0 ? 1 : 0
  assert.equal(count, 65_536)
  assert.ok(many.maxAtOnce < 2 ** 18)
  const extra = new Sparse(2 ** 30, [[l2Offset + 36, new Uint8Array(4).fill(255)]])
  await assert.rejects(Array.fromAsync(readSnapshots(extra, { snapshots })), { problem: 'damaged' })
  const cut = new Sparse(l2Offset + 100, [])
  await assert.rejects(Array.fromAsync(readSnapshots(cut, { snapshots })), { problem: 'cut short' })
})

test('a long header is read in two steps, also from a file that returns less than requested', async () => {
  const bytes = new Uint8Array(65_536)
  bytes.set(headerBytesWithName(60_000))
  const short = fileSource({
    read: async (buffer, offset, lengthBytes, position) => {
      const part = bytes.subarray(position, position + Math.min(lengthBytes, 1000))
      buffer.set(part, offset)
      return { bytesRead: part.length }
    },
  })
  assert.equal((await readHeader(short)).backing?.name, '/parent')
  await assert.rejects(readHeader(new Sparse(100, [[0, headerBytesWithName(60_000).subarray(0, 90)]])), {
    problem: 'cut short',
  })
})

function headerBytesWithName(at: number): Uint8Array {
  const bytes = Buffer.alloc(65_536)
  bytes.write('QFI\xfb', 'latin1')
  bytes.writeUInt32BE(3, 4)
  bytes.writeBigUInt64BE(BigInt(at), 8)
  bytes.writeUInt32BE(7, 16)
  bytes.writeUInt32BE(16, 20)
  bytes.writeUInt32BE(1, 56)
  bytes.writeUInt32BE(104, 100)
  bytes.write('/parent', at)
  return bytes
}
