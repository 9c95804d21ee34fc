import { HeaderError } from './header-error.ts'

/** An image's feature bits by name; `bit N` for one that neither QEMU's format nor the image's own table names. */
export interface Features {
  /** Who does not know one of these must not open the image. */
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

/** In the order of their numbers in an image's own table. */
const kinds: readonly Kind[] = ['incompatible', 'compatible', 'autoclear']

export const externalDataFileBit = 4n
export const compressionTypeBit = 8n
export const extendedL2Bit = 16n

const entryBytes = 48

/**
 * The image's own name for a bit. `table` is the extension that names features: type, bit, and 46 bytes of name for each.
 * Only what is unknown is looked up: every image has such a table.
 */
function nameInTable(table: Uint8Array, kind: Kind, bit: number): string | undefined {
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    if (table[at] !== kinds.indexOf(kind) || table[at + 1] !== bit) continue
    const bytes = table.subarray(at + 2, at + entryBytes)
    const end = bytes.indexOf(0)
    // It goes into messages, and may come from anybody.
    const name = String.fromCharCode(...bytes.subarray(0, end === -1 ? undefined : end)).replace(/[^ -~]/g, '?')
    return name === '' ? undefined : name
  }
  return undefined
}

/** @throws HeaderError if there is an incompatible bit that is not known here; the message names all of them */
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
