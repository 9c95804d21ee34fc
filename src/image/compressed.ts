import { inflateRawSync, zstdDecompressSync } from 'node:zlib'
import type { ByteSource } from './byte-source.ts'
import type { ImageHeader } from './header.ts'
import { type TableVerdict, worse } from './table-verdict.ts'

/** A compressed cluster, by its entry of an L2 table. */
export interface CompressedCluster {
  readonly offset: number
  /** Up to the end of its last sector. */
  readonly lengthBytes: number
  readonly guestOffset: number
}

/** How much compressed data is read at once. Clusters have 2 MiB at most. */
const windowBytes = 2 ** 20
/** Starts that are remembered. Entries of the same host cluster are written one after another. */
const maxStarts = 2 ** 17

/**
 * Decompresses clusters: nothing else shows that an entry refers to the beginning of one. QEMU accepts whatever fills a
 * cluster; here the data must also end with it.
 */
export class CompressedClusters {
  readonly #source: ByteSource
  readonly #header: Pick<ImageHeader, 'clusterBytes' | 'compressionType'>
  #starts = new Set<number>()

  constructor(source: ByteSource, header: Pick<ImageHeader, 'clusterBytes' | 'compressionType'>) {
    this.#source = source
    this.#header = header
  }

  async check(clusters: readonly CompressedCluster[]): Promise<TableVerdict | undefined> {
    let finding: TableVerdict | undefined
    let window: { readonly offset: number; readonly bytes: Uint8Array } = { offset: 0, bytes: new Uint8Array(0) }
    for (const cluster of clusters) {
      const end = cluster.offset + cluster.lengthBytes
      if (cluster.offset < window.offset || end > window.offset + window.bytes.length) {
        const lengthBytes = Math.max(windowBytes, cluster.lengthBytes)
        window = { offset: cluster.offset, bytes: await this.#source.read(cluster.offset, lengthBytes) }
      }
      const from = cluster.offset - window.offset
      finding = worse(finding, this.#judge(cluster, window.bytes.subarray(from, from + cluster.lengthBytes)))
      if (finding?.verdict === 'damaged') break
    }
    return finding
  }

  #judge(cluster: CompressedCluster, bytes: Uint8Array): TableVerdict | undefined {
    const { offset, guestOffset } = cluster
    const place = { what: 'a compressed cluster', offset, guestOffset }
    const about = `the compressed cluster at byte ${offset}, for byte ${guestOffset} of the disk,`
    if (this.#starts.has(offset)) return { verdict: 'damaged', ...place, why: `${about} is in use twice` }
    if (this.#starts.size >= maxStarts) this.#starts = new Set()
    this.#starts.add(offset)
    const problem = problemWith(bytes, this.#header)
    if (problem === undefined) return undefined
    return problem === 'too long'
      ? { verdict: 'suspect', ...place, why: `${about} decompresses to more than a cluster` }
      : { verdict: 'damaged', ...place, why: `${about} cannot be decompressed: ${problem}` }
  }
}

/** Undefined if the bytes begin with exactly one cluster. */
function problemWith(
  bytes: Uint8Array,
  { clusterBytes, compressionType }: Pick<ImageHeader, 'clusterBytes' | 'compressionType'>,
): string | undefined {
  try {
    const plain = compressionType === 'zlib' ? inflate(bytes, clusterBytes) : unpackZstd(bytes, clusterBytes)
    return plain.length < clusterBytes ? `it has only ${plain.length} bytes of content` : undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_BUFFER_TOO_LARGE' ? 'too long' : message
  }
}

/** QEMU's own window: another would accept what it refuses. One more byte of space lets it end within one chunk. */
function inflate(bytes: Uint8Array, clusterBytes: number): Uint8Array {
  return inflateRawSync(bytes, { windowBits: 12, maxOutputLength: clusterBytes, chunkSize: clusterBytes + 64 })
}

/** Node reads on after a frame, and the rest of the sector belongs to another cluster. */
function unpackZstd(bytes: Uint8Array, clusterBytes: number): Uint8Array {
  const frame = bytes.subarray(0, zstdFrameBytes(bytes))
  return zstdDecompressSync(frame, { maxOutputLength: clusterBytes, chunkSize: clusterBytes + 64 })
}

/** The length of a frame (RFC 8878, 3.1.1). */
function zstdFrameBytes(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 9 || view.getUint32(0, true) !== 0xfd_2f_b5_28) throw new Error('it is not in the format zstd')
  const descriptor = view.getUint8(4)
  const isSingleSegment = (descriptor & 0x20) !== 0
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  let at = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
  for (;;) {
    if (at + 3 > bytes.length) throw new Error('it is cut short')
    const block = view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
    at += 3 + (((block >> 1) & 3) === 1 ? 1 : block >> 3)
    if ((block & 1) !== 0) break
  }
  at += (descriptor & 4) !== 0 ? 4 : 0
  if (at > bytes.length) throw new Error('it is cut short')
  return at
}
