import { HeaderError } from './header-error.ts'

/** The feature bits of an image by name; `bit N` for one that neither QEMU's format nor the image names. */
export interface Features {
  /** A program that does not know one of these must not open the image. */
  readonly incompatible: readonly string[]
  readonly compatible: readonly string[]
  readonly autoclear: readonly string[]
}

const known = {
  incompatible: ['dirty', 'corrupt', 'external data file', 'compression type', 'extended L2'],
  compatible: ['lazy refcounts'],
  autoclear: ['bitmaps', 'raw external data'],
} as const

type Kind = keyof typeof known

/** In the order of their numbers in the table of an image. */
const kinds: readonly Kind[] = ['incompatible', 'compatible', 'autoclear']

export const externalDataFileBit = 4n
export const compressionTypeBit = 8n
export const extendedL2Bit = 16n
export const rawExternalDataBit = 2n

const entryBytes = 48

/**
 * The name of a bit in the image. `table` is the extension with the names: type, bit, and 46 bytes of name each. Only
 * unknown bits are looked up, because every image has such a table.
 */
function nameInTable(table: Uint8Array, kind: Kind, bit: number): string | undefined {
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    if (table[at] !== kinds.indexOf(kind) || table[at + 1] !== bit) continue
    const bytes = table.subarray(at + 2, at + entryBytes)
    const end = bytes.indexOf(0)
    // The name is printed in messages, and may be hostile.
    const name = String.fromCharCode(...bytes.subarray(0, end === -1 ? undefined : end)).replace(/[^ -~]/g, '?')
    return name === '' ? undefined : name
  }
  return undefined
}

/** @throws HeaderError for an unknown incompatible bit, with the names of all of them */
export function decodeFeatures(bits: Readonly<Record<Kind, bigint>>, names: Uint8Array): Features {
  const named = (kind: Kind, numbers: readonly number[]) =>
    numbers.map((bit) => known[kind][bit] ?? nameInTable(names, kind, bit) ?? `bit ${bit}`)
  const incompatible = bitsOf(bits.incompatible)
  const unknown = incompatible.filter((bit) => bit >= known.incompatible.length)
  if (unknown.length > 0) {
    throw new HeaderError('unsupported', `incompatible features: ${named('incompatible', unknown).join(', ')}`)
  }
  return {
    incompatible: named('incompatible', incompatible),
    compatible: named('compatible', bitsOf(bits.compatible)),
    autoclear: named('autoclear', bitsOf(bits.autoclear)),
  }
}

function bitsOf(value: bigint): number[] {
  const bits: number[] = []
  for (let bit = 0, rest = value; rest !== 0n; bit++, rest >>= 1n) if ((rest & 1n) === 1n) bits.push(bit)
  return bits
}
