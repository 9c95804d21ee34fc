import { DrillError } from '../errors.ts'
import type { Finding } from '../journal/journal.ts'

/** What was claimed is not so (`fail`), or cannot be told (`unknown`). */
export class VerdictError extends DrillError {
  readonly finding: Finding

  constructor(finding: Finding) {
    const failed = finding.verdict === 'fail'
    super(failed ? 'failure' : 'machine', `verdict-${finding.verdict}`, `${finding.question}: ${finding.sentence}`)
    this.name = 'VerdictError'
    this.finding = finding
  }
}
