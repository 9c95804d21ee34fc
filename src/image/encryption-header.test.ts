import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ByteSource } from './byte-source.ts'
import { checkEncryptionHeader } from './encryption-header.ts'
import { luksHeader } from './luks-header.ts'

const { bytes: original, lengthBytes } = luksHeader('secret', 'seed')
const offset = 65_536
const firstSlotAt = 208
const slotBytes = 48

/** Checks the header after a change. */
function check(change: (bytes: Buffer) => void, length = lengthBytes) {
  const bytes = Buffer.from(original)
  change(bytes)
  const source: ByteSource = {
    async read(at, wanted) {
      return bytes.subarray(at - offset, at - offset + wanted)
    },
  }
  return checkEncryptionHeader(source, { encryptionHeader: { offset, lengthBytes: length } }, offset + length)
}

/** Writes a text and the zeroes after it. */
const write = (bytes: Buffer, at: number, text: string) => bytes.fill(0, at, at + 32).write(text, at, 'latin1')

test('the header of an encrypted image is sound with every cipher of QEMU', async () => {
  assert.equal(await check(() => undefined), undefined)
  for (const [cipher, mode, hash, keyBytes] of [
    ['aes', 'xts-plain64', 'sha1', 32],
    ['aes', 'cbc-essiv:sha256', 'sha512', 32],
    ['serpent', 'cbc-plain', 'ripemd160', 16],
    ['twofish', 'xts-plain64:sha1', 'sha256', 64],
    ['cast5', 'cbc-plain64', 'md5', 16],
  ] as const)
    assert.equal(
      await check((bytes) => {
        write(bytes, 8, cipher)
        write(bytes, 40, mode)
        write(bytes, 72, hash)
        bytes.writeUInt32BE(keyBytes, 108)
      }),
      undefined,
      `${cipher} ${mode}`,
    )
})

const wrong: readonly (readonly [
  what: string,
  change: (bytes: Buffer) => void,
  verdict: 'damaged' | 'suspect',
  why: string,
])[] = [
  ['another magic number', (bytes) => bytes.writeUInt8(0, 3), 'damaged', 'is not one of LUKS'],
  ['version 2', (bytes) => bytes.writeUInt16BE(2, 6), 'damaged', 'is of version 2 of LUKS'],
  ['no slot in use', (bytes) => bytes.writeUInt32BE(0xdead, firstSlotAt), 'damaged', 'has no key'],
  [
    'another cipher',
    (bytes) => write(bytes, 8, 'des'),
    'suspect',
    'names the cipher "des xts-plain64 sha256" with keys of 64 bytes',
  ],
  ['the name of a property', (bytes) => write(bytes, 8, 'toString'), 'suspect', 'names the cipher "toString xts'],
  ['a mode without a vector', (bytes) => write(bytes, 40, 'xts'), 'suspect', 'names the cipher "aes xts sha256"'],
  ['essiv without a hash', (bytes) => write(bytes, 40, 'cbc-essiv'), 'suspect', 'names the cipher "aes cbc-essiv'],
  ['another length of keys', (bytes) => bytes.writeUInt32BE(65, 108), 'suspect', 'names the cipher "aes xts-plain64'],
  ['a name without an end', (bytes) => bytes.fill(0x61, 8, 40), 'suspect', 'names the cipher "? xts-plain64'],
  ['content within the header', (bytes) => bytes.writeUInt32BE(7, 104), 'suspect', 'has content at sector 7'],
  ['no iterations of the digest', (bytes) => bytes.writeUInt32BE(0, 164), 'suspect', 'has a key without iterations'],
  [
    'an unknown state of a slot',
    (bytes) => bytes.writeUInt32BE(1, firstSlotAt + 7 * slotBytes),
    'suspect',
    'has key 7 in an unknown state',
  ],
  ['other stripes', (bytes) => bytes.writeUInt32BE(4001, firstSlotAt + 44), 'suspect', 'has key 0 in 4001 stripes'],
  ['a key in the header', (bytes) => bytes.writeUInt32BE(1, firstSlotAt + 40), 'suspect', 'has key 0 at sector 1'],
  [
    'a key in the content',
    (bytes) => bytes.writeUInt32BE(4000, firstSlotAt + 40),
    'suspect',
    'has key 0 at sector 4000',
  ],
  [
    'two keys in one place',
    (bytes) => bytes.writeUInt32BE(9, firstSlotAt + 40),
    'suspect',
    'has key 1 over another one',
  ],
  [
    'no iterations of a slot',
    (bytes) => bytes.writeUInt32BE(0, firstSlotAt + 4),
    'suspect',
    'has key 0 without iterations',
  ],
]
for (const [what, change, verdict, why] of wrong)
  test(`the header of an encrypted image with ${what} is ${verdict}`, async () => {
    const found = await check(change)
    assert.equal(found?.verdict, verdict)
    assert.ok(found?.why?.startsWith(`the encryption header ${why}`), found?.why)
  })

test('the header of an encrypted image is refused where its own length leaves no room', async () => {
  assert.equal((await check(() => undefined, 591))?.why, 'the encryption header has only 591 bytes')
  assert.equal((await check(() => undefined, 592))?.why, 'the encryption header has key 0 beyond its end')
})
