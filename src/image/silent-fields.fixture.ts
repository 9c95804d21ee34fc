import { parseHeader } from './header.ts'
import { entryBytesOf } from './l2-entries.ts'
import { type Area, metadataOf } from './metadata-areas.fixture.ts'

/** The fields of an image that decide about its content, and why nothing in the image contradicts another value. */
export const silentFields = {
  'virtual size':
    'an L1 table covers more than the disk; a smaller disk without content beyond its end, or a larger one, is as valid',
  'flag of a zero cluster': 'a cluster may be allocated and read as zeroes, with its old content in the file',
  'entry of a zero cluster': 'without its flag it is no entry, and the parent or zeroes are read',
  'bitmap of subclusters': 'each of 32 subclusters may be allocated, read as zeroes, or be left to the parent',
  'compressed content': 'neither zlib nor zstd has a checksum in a cluster, and another content is as valid',
  'secret of LUKS': 'salts, iterations, the digest and key material are tried only with the secret',
} as const

export type SilentField = keyof typeof silentFields

const isWithin = (at: number, [from, end]: readonly [from: number, end: number]) => at >= from && at < end
const virtualSizeAt = [24, 32] as const
/** Digest, salt and iterations of the key; iterations and salt of each of the eight slots. */
const secretAt = [
  [112, 168],
  ...Array.from({ length: 8 }, (_, slot) => [212 + slot * 48, 248 + slot * 48] as const),
] as const

/**
 * A damaged image in which the silent fields have their first values again, and the names of those that were changed. If it
 * reads as it did before the damage, nothing but these fields explains the difference.
 */
export function withoutSilentChanges(
  original: Buffer,
  damaged: Buffer,
): { readonly fields: readonly SilentField[]; readonly bytes: Buffer } {
  const header = parseHeader(original)
  const areas = metadataOf(original)
  const bytes = Buffer.from(damaged)
  const fields = new Set<SilentField>()
  for (let at = 0; at < damaged.length; at++) {
    if (damaged[at] === original[at]) continue
    const area = areas.find(({ from, lengthBytes }) => at >= from && at < from + lengthBytes)
    const field = area && fieldAt(at, area, (damaged[at] ?? 0) ^ (original[at] ?? 0))
    if (field === undefined) continue
    fields.add(field)
    bytes[at] = original[at] ?? 0
  }
  return { fields: [...fields], bytes }

  function fieldAt(at: number, { kind, from }: Area, change: number): SilentField | undefined {
    if (isWithin(at, virtualSizeAt)) return 'virtual size'
    if (kind === 'compressed content') return 'compressed content'
    if (kind === 'LUKS key material') return 'secret of LUKS'
    if (kind === 'LUKS header')
      return secretAt.some((range) => isWithin(at - from, range)) ? 'secret of LUKS' : undefined
    if (kind !== 'L2 table') return undefined
    const within = (at - from) % entryBytesOf(header)
    if (within >= 8) return 'bitmap of subclusters'
    if (header.extendedL2 || within !== 7 || change !== 1) return undefined
    return original.readBigUInt64BE(at - 7) === 1n ? 'entry of a zero cluster' : 'flag of a zero cluster'
  }
}
