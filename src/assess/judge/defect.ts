import type { FindingCode } from './target-finding.ts'

/** The link at which a chain fails, or is unknown, and why. */
export interface Defect {
  readonly code: FindingCode
  readonly state: 'broken' | 'unknown'
  readonly why: string
  readonly target: number
  readonly path: string
  /** The parent that no target has there. Undefined for other defects. */
  readonly parentPath?: string
}
