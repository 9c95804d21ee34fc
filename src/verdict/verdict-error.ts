import type { Finding } from '../drill/journal.ts'
import { DrillError } from '../errors.ts'

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
