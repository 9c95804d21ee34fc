import type { ByteSource } from './byte-source.ts'
import type { ImageHeader } from './header.ts'
import type { TableVerdict } from './table-verdict.ts'

/** The layout of LUKS, version 1. */
const headerBytes = 592
const sectorBytes = 512
const firstSlotAt = 208
const slotBytes = 48
const slots = 8
const stripes = 4000
/** QEMU begins key material at a multiple of 4 KiB, and counts its length in these. */
const alignedSectors = 8
const inUse = 0x00_ac_71_f3
const notInUse = 0x00_00_de_ad

/** The key lengths of the ciphers that QEMU knows. */
const keyBytesOf: Readonly<Record<string, readonly number[]>> = {
  aes: [16, 24, 32],
  cast5: [16],
  serpent: [16, 24, 32],
  sm4: [16],
  twofish: [16, 24, 32],
}
const modes = ['cbc', 'ctr', 'ecb', 'xts']
/** The lengths of the digests. */
const digestBytesOf: Readonly<Record<string, number>> = {
  md5: 16,
  ripemd160: 20,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
  sm3: 32,
}
const vectors = ['plain', 'plain64', 'essiv']

type Problem = Pick<TableVerdict, 'why'> & { readonly verdict: 'damaged' | 'suspect' }

/**
 * Checks the LUKS header of an image as QEMU does when it opens one, as far as that needs no secret. Salts, digests and key
 * material are not tried.
 */
export async function checkEncryptionHeader(
  source: ByteSource,
  { encryptionHeader: place }: Pick<ImageHeader, 'encryptionHeader'>,
  fileBytes: number,
): Promise<TableVerdict | undefined> {
  if (place === undefined) return undefined
  const { offset, lengthBytes } = place
  const about = { what: 'the encryption header', offset }
  if (lengthBytes < headerBytes)
    return { verdict: 'damaged', ...about, why: `the encryption header has only ${lengthBytes} bytes` }
  // What is not in the file was reported already.
  if (offset + headerBytes > fileBytes) return undefined
  const problem = problemOf(await source.read(offset, headerBytes), lengthBytes)
  return problem && { ...about, ...problem }
}

function problemOf(bytes: Uint8Array, lengthBytes: number): Problem | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const damaged = (why: string): Problem => ({ verdict: 'damaged', why: `the encryption header ${why}` })
  if (view.getUint32(0) !== 0x4c_55_4b_53 || view.getUint16(4) !== 0xba_be) return damaged('is not one of LUKS')
  if (view.getUint16(6) !== 1) return damaged(`is of version ${view.getUint16(6)} of LUKS`)
  const unknown = unknownCipher(bytes, view.getUint32(108))
  if (unknown !== undefined) return { verdict: 'suspect', why: `the encryption header names ${unknown}` }
  const inUseSlots = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => slotState(view, slot) === inUse)
  if (inUseSlots.length === 0) return damaged('has no key')
  const why = suspectKeys(view, lengthBytes)
  return why === undefined ? undefined : { verdict: 'suspect', why: `the encryption header has ${why}` }
}

/** A cipher that QEMU does not know, or that a version of it may not know. */
function unknownCipher(bytes: Uint8Array, keyBytes: number): string | undefined {
  const [cipher, mode, hash] = [textAt(bytes, 8), textAt(bytes, 40), textAt(bytes, 72)]
  const quoted = JSON.stringify([cipher, mode, hash].map((text) => text ?? '?').join(' '))
  if (cipher === undefined || mode === undefined || hash === undefined) return `the cipher ${quoted}, without an end`
  const parts = /^(?<block>[^-]*)-(?<vector>[^:]*)(?::(?<ofVector>.*))?$/s.exec(mode)?.groups ?? {}
  const { block = '', vector = '', ofVector } = parts
  const keyLengths = Object.hasOwn(keyBytesOf, cipher) ? (keyBytesOf[cipher] ?? []) : []
  const isHash = (name: string) => Object.hasOwn(digestBytesOf, name)
  const isKnown =
    keyLengths.includes(block === 'xts' ? keyBytes / 2 : keyBytes) &&
    modes.includes(block) &&
    vectors.includes(vector) &&
    isHash(hash) &&
    (ofVector === undefined || isHash(ofVector)) &&
    // The vector is encrypted with the digest as a key.
    (vector !== 'essiv' || keyLengths.includes(digestBytesOf[ofVector ?? ''] ?? 0))
  return isKnown ? undefined : `the cipher ${quoted} with keys of ${keyBytes} bytes`
}

/** Where keys overlap or are not in the header, newer versions of QEMU refuse it, and older ones may not. */
function suspectKeys(view: DataView, lengthBytes: number): string | undefined {
  const keyBytes = view.getUint32(108)
  const keySectors = Math.ceil(Math.ceil((keyBytes * stripes) / sectorBytes) / alignedSectors) * alignedSectors
  const payloadSector = view.getUint32(104)
  if (payloadSector < alignedSectors) return `content at sector ${payloadSector}`
  if (view.getUint32(164) === 0) return 'a key without iterations'
  const starts: number[] = []
  for (let slot = 0; slot < slots; slot++) {
    const at = firstSlotAt + slot * slotBytes
    const start = view.getUint32(at + 40)
    const state = slotState(view, slot)
    if (state !== inUse && state !== notInUse) return `key ${slot} in an unknown state`
    if (view.getUint32(at + 44) !== stripes) return `key ${slot} in ${view.getUint32(at + 44)} stripes`
    if (start * sectorBytes < headerBytes || start + keySectors > payloadSector) return `key ${slot} at sector ${start}`
    if (starts.some((other) => Math.abs(other - start) < keySectors)) return `key ${slot} over another one`
    starts.push(start)
    if (state === notInUse) continue
    if (view.getUint32(at + 4) === 0) return `key ${slot} without iterations`
    if (start * sectorBytes + keyBytes * stripes > lengthBytes) return `key ${slot} beyond its end`
  }
  return undefined
}

const slotState = (view: DataView, slot: number): number => view.getUint32(firstSlotAt + slot * slotBytes)

/** A text of at most 31 bytes and a zero. Undefined if there is no zero. */
function textAt(bytes: Uint8Array, at: number): string | undefined {
  const end = bytes.indexOf(0, at)
  return end === -1 || end >= at + 32 ? undefined : Buffer.from(bytes.subarray(at, end)).toString('latin1')
}
