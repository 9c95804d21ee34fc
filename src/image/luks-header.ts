import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto'

/** The first bytes of a LUKS header. The rest, up to its length, is zero. */
export interface LuksHeader {
  readonly bytes: Uint8Array
  readonly lengthBytes: number
}

const keyBytes = 64
const stripes = 4000
const slots = 8
const sectorBytes = 512
/** The position of the key material of the first slot, and the distance to the next. QEMU aligns them to 4 KiB. */
const firstSlotSector = 8
const slotSectors = 504
const payloadSector = firstSlotSector + slots * slotSectors
/** Few iterations: the key protects nothing, and every opening of an image takes so many. */
const iterations = 1000

/**
 * Makes a LUKS (version 1) header like QEMU (AES-256 in XTS mode, SHA-256) that a passphrase opens. Its key material is
 * zero, so that it takes no space on disk: the master key is what this decrypts to. It is valid, but only for tests,
 * because it depends on passphrase and seed alone.
 */
export function luksHeader(passphrase: string, seed: string): LuksHeader {
  const slotSalt = hash(`${seed}/slot`)
  const digestSalt = hash(`${seed}/digest`)
  const slotKey = pbkdf2Sync(passphrase, slotSalt, iterations, keyBytes, 'sha256')
  const masterKey = merge(decrypt(Buffer.alloc(keyBytes * stripes), slotKey))

  const header = Buffer.alloc(592)
  header.write('LUKS\xba\xbe', 0, 'latin1')
  header.writeUInt16BE(1, 6)
  header.write('aes', 8)
  header.write('xts-plain64', 40)
  header.write('sha256', 72)
  header.writeUInt32BE(payloadSector, 104)
  header.writeUInt32BE(keyBytes, 108)
  pbkdf2Sync(masterKey, digestSalt, iterations, 20, 'sha256').copy(header, 112)
  digestSalt.copy(header, 132)
  header.writeUInt32BE(iterations, 164)
  header.write(uuidOf(seed), 168)
  for (let slot = 0; slot < slots; slot++) {
    const at = 208 + slot * 48
    header.writeUInt32BE(slot === 0 ? 0x00_ac_71_f3 : 0x00_00_de_ad, at)
    if (slot === 0) {
      header.writeUInt32BE(iterations, at + 4)
      slotSalt.copy(header, at + 8)
    }
    header.writeUInt32BE(firstSlotSector + slot * slotSectors, at + 40)
    header.writeUInt32BE(stripes, at + 44)
  }
  return { bytes: header, lengthBytes: payloadSector * sectorBytes }
}

function decrypt(material: Buffer, key: Buffer): Buffer {
  const plain: Buffer[] = []
  for (let sector = 0; sector * sectorBytes < material.length; sector++) {
    const vector = Buffer.alloc(16)
    vector.writeUInt32LE(sector)
    const cipher = createDecipheriv('aes-256-xts', key, vector)
    plain.push(cipher.update(material.subarray(sector * sectorBytes, (sector + 1) * sectorBytes)), cipher.final())
  }
  return Buffer.concat(plain)
}

/** The anti-forensic merge of LUKS: the key from its stripes. */
function merge(split: Buffer): Buffer {
  let key: Buffer = Buffer.alloc(keyBytes)
  for (let stripe = 0; stripe < stripes; stripe++) {
    for (let at = 0; at < keyBytes; at++) key[at] = (key[at] ?? 0) ^ (split[stripe * keyBytes + at] ?? 0)
    if (stripe < stripes - 1) key = diffuse(key)
  }
  return key
}

function diffuse(key: Buffer): Buffer {
  const parts = [0, 1].map((part) => {
    const index = Buffer.alloc(4)
    index.writeUInt32BE(part)
    return createHash('sha256')
      .update(index)
      .update(key.subarray(part * 32, part * 32 + 32))
      .digest()
  })
  return Buffer.concat(parts)
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function uuidOf(seed: string): string {
  return hash(`${seed}/uuid`)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
}
