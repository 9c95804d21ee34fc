import { parseHeader } from './header.ts'

/**
 * The changed fields of an image that decide about its content, and whose new values no other field contradicts. Only a
 * record or a digest can show such a change.
 */
export function silentFields(original: Buffer, bytes: Buffer): readonly string[] {
  const { l1, clusterBytes, extendedL2 } = parseHeader(original)
  const tables = Array.from({ length: l1.entries }, (_, nth) =>
    Number(original.readBigUInt64BE(l1.offset + nth * 8) & 0x00ff_ffff_ffff_fe00n),
  ).filter((at) => at > 0)
  const entryBytes = extendedL2 ? 16 : 8
  const found = new Set<string>()
  for (let at = 0; at < bytes.length; at++) {
    const change = (bytes[at] ?? 0) ^ (original[at] ?? 0)
    if (change === 0) continue
    if (at >= 24 && at < 32) found.add('virtual size')
    const table = tables.find((start) => at >= start && at < start + clusterBytes)
    if (table === undefined) continue
    const within = (at - table) % entryBytes
    if (within >= 8) found.add('bitmap of subclusters')
    if (within === 7 && (change & 1) === 1 && !extendedL2) found.add('flag of a zero cluster')
  }
  return [...found]
}
