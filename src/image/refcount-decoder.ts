/**
 * Returns a function for the nth refcount of a refcount block. Refcounts of less than a byte begin with the lowest bits;
 * others are big-endian.
 */
export function readRefcounts(bytes: Uint8Array, bits: number): (nth: number) => number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bits === 16) return (nth) => ((bytes[2 * nth] ?? 0) << 8) | (bytes[2 * nth + 1] ?? 0)
  if (bits === 8) return (nth) => bytes[nth] ?? 0
  if (bits === 32) return (nth) => view.getUint32(4 * nth)
  if (bits === 64) return (nth) => view.getUint32(8 * nth) * 2 ** 32 + view.getUint32(8 * nth + 4)
  const perByte = 8 / bits
  const mask = 2 ** bits - 1
  return (nth) => ((bytes[Math.floor(nth / perByte)] ?? 0) >> (bits * (nth % perByte))) & mask
}
