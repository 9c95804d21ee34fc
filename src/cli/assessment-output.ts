import { once } from 'node:events'
import type { AssessmentListener } from '../assess/assess.ts'
import type { AssessmentSummary } from '../assess/judge/assessment-summary.ts'
import { assessmentText } from '../assess/text/assessment-text.ts'
import { missingSecrets } from '../assess/text/secret-facts.ts'
import { invocation } from '../localhost/invocation.ts'
import { printableJson } from '../text/printable.ts'
import { byteUnit, type RateLine } from '../text/rate-line.ts'
import { styleOf } from '../text/style.ts'

export interface OutputOptions {
  readonly isAll: boolean
  readonly isJson: boolean
}

/** Shows the progress of an assessment, and prints its records as they are found. */
export function assessmentListener(line: RateLine, isJson: boolean, signal: AbortSignal): AssessmentListener {
  const printRecord = (record: object) => printOut(`${printableJson(record)}\n`, signal)
  return { ...progressOn(line), ...(isJson && { onImage: printRecord, onWorkload: printRecord }) }
}

/** Prints the result of an assessment. */
export function printSummary(
  summary: AssessmentSummary,
  { isAll, isJson }: OutputOptions,
  signal: AbortSignal,
): Promise<void> {
  const text = () => assessmentText(summary, { style: styleOf(process.stdout), isAll, program: invocation })
  return printOut(isJson ? `${printableJson({ kind: 'summary', ...summary })}\n` : text(), signal)
}

/** Waits for a reader that is slower. */
export async function printOut(text: string, signal: AbortSignal): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain', { signal })
}

export function progressOn(line: RateLine): AssessmentListener {
  let isMeasured = false
  return {
    onProgress: (done, total) => line.update(done, total),
    onContent: (done, total) => {
      if (!isMeasured) line.restart(byteUnit)
      isMeasured = true
      line.update(done, total)
    },
    onSecrets: (needs) => {
      const warning = missingSecrets(needs)
      if (warning === '') return
      line.end()
      process.stderr.write(warning)
    },
  }
}
