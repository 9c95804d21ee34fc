import { type Bucket, bucketIn } from './bucket.ts'
import { type BaseDirectory, baseDirectoryTable } from './distribution.ts'
import { splitImageName } from './layout.ts'
import { encodeShare, type PathRule } from './mount-path.ts'
import { parseShare, type Share } from './share.ts'

/** One meaning of a mount path, for one base directory. */
export type MountPathReading = {
  readonly base: string
  /** The rest of the mount path. May contain slashes. */
  readonly encoded: string
  /** True if a distribution mounts there. Otherwise the base is configured, or a coincidence. */
  readonly isKnownBase: boolean
} & (
  | { readonly rule: Extract<PathRule, 'share'>; readonly share: Share }
  /** The server is not encoded: any share with this export path, as a URL parser sees it. */
  | { readonly rule: Extract<PathRule, 'export'>; readonly export: string }
  /** An S3 bucket. */
  | { readonly rule: 'whole'; readonly bucket: Bucket }
)

/** A decoded mount path. */
export interface DecodedMountPath {
  /** The base directory of the most likely meaning. */
  readonly base: string
  /** The encoding of the most likely meaning. */
  readonly encoded: string
  /**
   * All meanings, the most likely first. There is more than one only for nested mount paths, where the end of the base
   * directory is ambiguous.
   */
  readonly candidates: readonly [MountPathReading, ...MountPathReading[]]
}

/**
 * Decodes a mount path: the share and the rule that it encodes. Only paths that `mountPathOf` would return count, not
 * an encoding with a newline (`echo` without `-n`), a wrapped one, or one of something that is not a share.
 */
export function decodeMountPath(mountPath: string): DecodedMountPath | undefined {
  if (!mountPath.startsWith('/')) return undefined
  const readings: MountPathReading[] = []
  for (let at = mountPath.indexOf('/', 1); at !== -1; at = mountPath.indexOf('/', at + 1)) {
    const reading = read(mountPath.slice(0, at), mountPath.slice(at + 1))
    if (reading !== undefined) readings.push(reading)
  }
  const [likeliest, ...others] = readings.toSorted((a, b) => Number(b.isKnownBase) - Number(a.isKnownBase))
  if (likeliest === undefined) return undefined
  return { base: likeliest.base, encoded: likeliest.encoded, candidates: [likeliest, ...others] }
}

/** The share, or export, of a path that was encoded with the newline of `echo`. Undefined for other paths. */
export function shareWithNewline(mountPath: string): string | undefined {
  for (let at = mountPath.indexOf('/', 1); at !== -1; at = mountPath.indexOf('/', at + 1)) {
    const text = decode(mountPath.slice(at + 1))
    if (!text?.endsWith('\n')) continue
    const meant = text.slice(0, -1)
    if (read(mountPath.slice(0, at), Buffer.from(meant).toString('base64')) !== undefined) return meant
  }
  return undefined
}

/** The origin of an image, by an absolute name for it. */
export interface Origin {
  readonly mountPath: string
  /** Relative to the mount path; starts with `workload_`. */
  readonly path: string
  /** Undefined if it is not a mount path of the product. */
  readonly decoded: DecodedMountPath | undefined
}

/** Undefined for a name outside of any target. */
export function originOf(name: string): Origin | undefined {
  const split = splitImageName(name)
  return split && { ...split, decoded: decodeMountPath(split.mountPath) }
}

function read(base: string, rest: string): MountPathReading | undefined {
  // Normalization removes a slash at the end of the encoding, which its length reveals.
  const encoded = rest.length % 4 === 3 ? `${rest}/` : rest
  const text = decode(encoded)
  if (text === undefined) return undefined
  const isKnownBase = baseDirectoryTable.some((known: BaseDirectory) => known.path === base)
  const of = { base, encoded, isKnownBase }
  if (text.startsWith('/')) {
    const share = shareOf(`host:${text}`)
    return share && encodeShare(share, 'export') === encoded ? { ...of, rule: 'export', export: text } : undefined
  }
  const share = shareOf(text)
  if (share !== undefined) return { ...of, rule: 'share', share }
  const bucket = bucketIn(text)
  // The name of any folder may happen to be the encoding of a short word.
  const isPlausible = bucket !== undefined && (isKnownBase || bucket.endpoint !== undefined)
  return isPlausible ? { ...of, rule: 'whole', bucket } : undefined
}

/** The share or the bucket of a mount path. The server is `*` where it is not encoded. */
export function nameOfReading(reading: MountPathReading): string {
  if (reading.rule === 'share') return reading.share.text
  if (reading.rule === 'export') return `*:${reading.export}`
  const { endpoint, bucket } = reading.bucket
  return endpoint === undefined ? `the S3 bucket ${bucket} on AWS` : `the S3 bucket ${bucket} on ${endpoint}`
}

/** Decodes base64 strictly: the padding, the last bits, and UTF-8. */
function decode(encoded: string): string | undefined {
  if (!/^[A-Za-z\d+/]+={0,2}$/.test(encoded)) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  const text = bytes.toString('utf8')
  return bytes.toString('base64') === encoded && Buffer.from(text).equals(bytes) ? text : undefined
}

function shareOf(text: string): Share | undefined {
  try {
    return parseShare(text)
  } catch {
    return undefined
  }
}
