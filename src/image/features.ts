import { HeaderError } from './header-error.ts'

/** An image's feature bits by name; `bit N` for one that neither QEMU's format nor the image's own table names. */
export interface Features {
  /** Who does not know one of these must not open the image. */
  readonly incompatible: readonly string[]
  readonly compatible: readonly string[]
  readonly autoclear: readonly string[]
}

/** Names by `type:bit`, as the image itself lists them. */
export type FeatureNames = ReadonlyMap<string, string>

const known = {
  incompatible: ['dirty', 'corrupt', 'external data file', 'compression type', 'extended L2'],
  compatible: ['lazy refcounts'],
  autoclear: ['bitmaps', 'raw external data'],
} as const

type Kind = keyof typeof known

/** In the order of their numbers in an image's own table. */
const kinds: readonly Kind[] = ['incompatible', 'compatible', 'autoclear']

export const externalDataFileBit = 4n
export const compressionTypeBit = 8n
export const extendedL2Bit = 16n

const entryBytes = 48

/** The extension that names features: type, bit, and 46 bytes of name for each. */
export function parseFeatureNames(content: Uint8Array): FeatureNames {
  const names = new Map<string, string>()
  for (let at = 0; at + entryBytes <= content.length; at += entryBytes) {
    const bytes = content.subarray(at + 2, at + entryBytes)
    const end = bytes.indexOf(0)
    // It goes into messages, and may come from anybody.
    const name = String.fromCharCode(...bytes.subarray(0, end === -1 ? undefined : end)).replace(/[^ -~]/g, '?')
    if (name !== '') names.set(`${content[at]}:${content[at + 1]}`, name)
  }
  return names
}

/** @throws HeaderError if there is an incompatible bit that is not known here; the message names all of them */
export function decodeFeatures(bits: Readonly<Record<Kind, bigint>>, names: FeatureNames): Features {
  const unknown = bits.incompatible >> BigInt(known.incompatible.length)
  if (unknown !== 0n) {
    const shift = known.incompatible.length
    const list = bitsOf(unknown).map((bit) => names.get(`0:${bit + shift}`) ?? `bit ${bit + shift}`)
    throw new HeaderError('unsupported', `incompatible features: ${list.join(', ')}`)
  }
  const named = (kind: Kind) =>
    bitsOf(bits[kind]).map((bit) => known[kind][bit] ?? names.get(`${kinds.indexOf(kind)}:${bit}`) ?? `bit ${bit}`)
  return { incompatible: named('incompatible'), compatible: named('compatible'), autoclear: named('autoclear') }
}

function bitsOf(value: bigint): number[] {
  const bits: number[] = []
  for (let bit = 0, rest = value; rest !== 0n; bit++, rest >>= 1n) if ((rest & 1n) === 1n) bits.push(bit)
  return bits
}
