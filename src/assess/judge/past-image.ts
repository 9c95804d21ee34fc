import type { FileIdentity } from '../scan/found.ts'
import type { Defect } from './defect.ts'
import type { FindingCode } from './target-finding.ts'

/** How much an assessment reads, from the least on. */
export const depths = ['headers', 'tables', 'content'] as const
export type Depth = (typeof depths)[number]

/** The results of earlier assessments of one image. */
export interface PastImage {
  /** Below the mount path. */
  readonly path: string
  /** The content of the disk, as last read without a defect. */
  readonly content?: PastContent
  /** One for each target: copies of an image may have different defects. */
  readonly findings: readonly PastFinding[]
}

interface PastAssessment {
  /** In ISO 8601, UTC. */
  readonly date: string
  /** The version of dr-drill. */
  readonly tool: string
  /** Absolute, where the target was mounted. */
  readonly target: string
  /** Identifies all files of its chain; see `ChainIdentities`. Undefined if one of them could not be read. */
  readonly chain?: string
}

export interface PastContent extends PastAssessment {
  /** Content digest, version 1. */
  readonly digest: string
  readonly virtualBytes: number
  /** The file of the image itself. */
  readonly file?: FileIdentity & { readonly bytes: number }
}

export interface PastFinding extends PastAssessment, Pick<Defect, 'state' | 'why' | 'path'> {
  readonly depth: Depth
  readonly code: CarriedCode
}

/** Defects that a lighter depth cannot see, and so cannot clear. All others are found at every depth. */
export const carriedCodes = [
  'truncated',
  'damaged',
  'table-errors',
  'maybe-truncated',
  'size-mismatch',
  'wrong-content',
  'content-unreadable',
  'content-changed',
] as const satisfies readonly FindingCode[]
export type CarriedCode = (typeof carriedCodes)[number]

export const isCarried = (code: FindingCode): code is CarriedCode => (carriedCodes as readonly string[]).includes(code)

export const isHeavier = (one: Depth, other: Depth): boolean => depths.indexOf(one) > depths.indexOf(other)

/** A date for people. */
export const momentText = (date: string): string => `${date.slice(0, 10)} ${date.slice(11, 16)} UTC`

/** How an assessment compares with earlier ones. */
export interface RecordSummary {
  readonly path: string
  /** Disks whose content was read before. */
  readonly known: number
  /** Disks whose content was read now, and compared with what was read before. */
  readonly compared: number
  /** Disks among these whose content differs. */
  readonly changed: number
  /** Disks whose content was read now for the first time. */
  readonly added: number
  /** Images with a verdict of an earlier assessment. */
  readonly carried: number
}
