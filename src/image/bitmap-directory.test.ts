import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BitmapLayout, parseBitmapDirectory } from './bitmap-directory.ts'

interface Fields {
  readonly offset?: bigint
  readonly entries?: number
  readonly flags?: number
  readonly type?: number
  readonly granularityBits?: number
  readonly extraBytes?: number
  readonly name?: string
}

function entry({ offset = 65_536n, entries = 1, flags = 2, type = 1, granularityBits = 16, ...rest }: Fields): Buffer {
  const { extraBytes = 0, name = 'one' } = rest
  const bytes = Buffer.alloc(Math.ceil((24 + name.length + extraBytes) / 8) * 8)
  bytes.writeBigUInt64BE(offset)
  bytes.writeUInt32BE(entries, 8)
  bytes.writeUInt32BE(flags, 12)
  bytes.writeUInt8(type, 16)
  bytes.writeUInt8(granularityBits, 17)
  bytes.writeUInt16BE(name.length, 18)
  bytes.writeUInt32BE(extraBytes, 20)
  bytes.write(name, 24 + extraBytes)
  return bytes
}

const layout: BitmapLayout = { count: 1, virtualSizeBytes: 2 ** 30, clusterBytes: 65_536 }
const parse = (bytes: Uint8Array, more: Partial<BitmapLayout> = {}) =>
  parseBitmapDirectory(bytes, { ...layout, ...more })

test('a directory of bitmaps is read, with those that were not saved', () => {
  const bytes = Buffer.concat([entry({}), entry({ name: 'another', flags: 3, entries: 7, offset: 2n ** 17n })])
  assert.deepEqual(parse(bytes, { count: 2 }), {
    bitmaps: [
      { table: { offset: 65_536, entries: 1 }, isSaved: true },
      { table: { offset: 131_072, entries: 7 }, isSaved: false },
    ],
  })
})

const refused: readonly (readonly [what: string, fields: Fields, why: RegExp])[] = [
  ['its table in the header', { offset: 0n }, /^bitmap 1 has its table at byte 0$/],
  ['its table within a cluster', { offset: 65_537n }, /^bitmap 1 has its table at byte 65537$/],
  ['no entries', { entries: 0 }, /^bitmap 1 has a table of 0 entries$/],
  ['more than 512 MiB of bits', { entries: 8193, flags: 1 }, /^bitmap 1 has a table of 8193 entries$/],
  ['too few entries', { granularityBits: 9 }, /^bitmap 1 has a table of 1 entries where 4 are needed$/],
  ['too many entries', { entries: 2 }, /^bitmap 1 has a table of 2 entries where 1 are needed$/],
  ['unknown flags', { flags: 4 }, /^bitmap 1 has unknown flags: 4$/],
  ['an unknown type', { type: 2 }, /^bitmap 1 has the unknown type 2$/],
  ['bits for less than a sector', { granularityBits: 8 }, /^bitmap 1 has bits for 2\^8 bytes each$/],
  ['bits for 4 GiB', { granularityBits: 32 }, /^bitmap 1 has bits for 2\^32 bytes each$/],
  ['a name that is too long', { name: 'n'.repeat(1024) }, /^bitmap 1 has a name of 1024 bytes$/],
  ['extra data', { extraBytes: 8 }, /^bitmap 1 has 8 unknown bytes$/],
]
for (const [what, fields, why] of refused)
  test(`a directory whose bitmap has ${what} is refused`, () => {
    const found = parse(entry(fields))
    assert.match(found.why ?? '', why)
    assert.deepEqual(found.bitmaps, [])
  })

test('a directory that is too short, too long or of another number of bitmaps is refused', () => {
  const one = entry({})
  assert.match(parse(one.subarray(0, 23)).why ?? '', /^bitmap 1 is not in its directory$/)
  assert.match(parse(one.subarray(0, 24)).why ?? '', /^bitmap 1 does not end in its directory$/)
  assert.match(parse(one, { count: 2 }).why ?? '', /^bitmap 2 is not in its directory$/)
  assert.match(parse(Buffer.concat([one, one])).why ?? '', /^its directory has more than 1 bitmaps$/)
  for (const count of [0, 65_536]) assert.match(parse(one, { count }).why ?? '', /^its directory has \d+ bitmaps$/)
})

test('two bitmaps of one name up to a zero are refused', () => {
  const bytes = Buffer.concat([entry({ name: 'a\0b' }), entry({ name: 'a\0c' })])
  assert.match(parse(bytes, { count: 2 }).why ?? '', /^bitmap 2 has the name of another one$/)
})
