import { type BaseDirectory, baseDirectoryTable } from './distribution.ts'
import { splitImageName } from './layout.ts'
import { encodeShare, type PathRule } from './mount-path.ts'
import { parseShare, type Share } from './share.ts'

/** What a mount path may have been the mount path of, if `base` was the base directory. */
export type MountPathReading = {
  readonly base: string
  /** The rest of the mount path; it has slashes where the encoding has some. */
  readonly encoded: string
  /** That some distribution mounts there. Otherwise somebody has configured it, or it is a coincidence. */
  readonly isKnownBase: boolean
} & (
  | { readonly rule: Extract<PathRule, 'share'>; readonly share: Share }
  /** The server is not in it: any share with this export path, as a URL parser sees it. */
  | { readonly rule: Extract<PathRule, 'export'>; readonly export: string }
)

/** A mount path, read back. */
export interface DecodedMountPath {
  /** Of the likeliest reading. */
  readonly base: string
  /** Of the likeliest reading. */
  readonly encoded: string
  /**
   * All that the path may mean, the likeliest first. A base directory alone leaves one; more than one there can be only
   * for nested mount paths, where it is not known how much of the path is the base.
   */
  readonly candidates: readonly [MountPathReading, ...MountPathReading[]]
}

/**
 * Reads a mount path back: which share it must have been the mount path of, under which rule. Only what `mountPathOf`
 * would give again counts: an encoding with a newline (of `echo` without `-n`), one that is wrapped, or one of something
 * that is no share is no mount path.
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

/** A share, or the export of one, whose mount path this would be, had it not been encoded with the newline of `echo`. */
export function shareWithNewline(mountPath: string): string | undefined {
  for (let at = mountPath.indexOf('/', 1); at !== -1; at = mountPath.indexOf('/', at + 1)) {
    const text = decode(mountPath.slice(at + 1))
    if (!text?.endsWith('\n')) continue
    const meant = text.slice(0, -1)
    if (read(mountPath.slice(0, at), Buffer.from(meant).toString('base64')) !== undefined) return meant
  }
  return undefined
}

/** Where an image was written, by the absolute name that another one has for it. */
export interface Origin {
  readonly mountPath: string
  /** Relative to the mount path; starts with `workload_`. */
  readonly path: string
  /** Undefined where the mount path is not one of the product's. */
  readonly decoded: DecodedMountPath | undefined
}

/** Undefined for a name that is not in a target's tree. */
export function originOf(name: string): Origin | undefined {
  const split = splitImageName(name)
  return split && { ...split, decoded: decodeMountPath(split.mountPath) }
}

function read(base: string, rest: string): MountPathReading | undefined {
  // A path that was normalized has lost a slash at the end of the encoding; its length gives it away.
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
  return share && { ...of, rule: 'share', share }
}

/** Base64 exactly as it is encoded: the padding, the last bits, and UTF-8. */
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
