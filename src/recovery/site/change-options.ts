import type { Secrets } from '../images/secrets.ts'
import type { Records } from './recovery-records.ts'

/** How changes to a site are carried out. */
export interface ChangeOptions {
  readonly records: Records
  /** How many images are changed at the same time. */
  readonly concurrency: number
  /** For encrypted images. */
  readonly secrets?: Secrets
  readonly nowMs: number
  readonly signal: AbortSignal
  /** Receives a line for each change, and the progress of changes that take long. */
  readonly report: (where: string, line: string) => void
}
