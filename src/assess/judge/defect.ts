import type { FindingCode } from './target-finding.ts'

/** At which link of a chain it fails, or is not certain, and why. */
export interface Defect {
  readonly code: FindingCode
  readonly state: 'broken' | 'unknown'
  readonly why: string
  readonly target: number
  readonly path: string
  /** The parent that no target has there. Undefined for other defects. */
  readonly parentPath?: string
}
