import { DrillError } from '../errors.ts'
import type { Finding } from '../journal/journal.ts'

/** A claim does not hold (`fail`), or the journal does not show whether it holds (`unknown`). */
export class VerdictError extends DrillError {
  readonly finding: Finding

  constructor(finding: Finding) {
    const failed = finding.verdict === 'fail'
    super(failed ? 'failure' : 'machine', `verdict-${finding.verdict}`, `${finding.question}: ${finding.sentence}`)
    this.name = 'VerdictError'
    this.finding = finding
  }
}
