import { fileURLToPath } from 'node:url'
import { DrillError, lackOfResources } from '../errors.ts'
import type { JournalEntry, JournalEvent, Outcome } from './journal.ts'

type ErrorEvent = Extract<JournalEvent, { readonly kind: 'error' }>

/** The folder of our own code. */
const ownFolder = new URL('..', import.meta.url)

/**
 * Returns an error as a journal event. Any error that is not a DrillError is a bug, with its stack as the message: of
 * dr-drill, so that nothing can be judged, or of a step.
 */
export function errorEvent(thrown: unknown): ErrorEvent {
  const error = lackOfResources(thrown) ?? thrown
  if (error instanceof DrillError) {
    const { code, message, blame, remedy } = error
    return { kind: 'error', code, message, blame, ...(remedy === undefined ? {} : { remedy }) }
  }
  const message = error instanceof Error ? stackOf(error) : String(error)
  return { kind: 'error', code: 'unexpected', message, blame: isThrownByUs(error) ? 'machine' : 'failure' }
}

function isThrownByUs(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const first = frames.find((line) => !/\(node:|\bat node:/.test(line))
  return first?.includes(ownFolder.href) === true || first?.includes(fileURLToPath(ownFolder)) === true
}

/** Returns the stack without the frames of Cucumber and Node, which are always the same. */
function stackOf(error: Error): string {
  const stack = error.stack ?? `${error.name}: ${error.message}`
  const isForeign = (line: string): boolean => /^\s+at .*(\(node:|\bat node:|node_modules\/@cucumber\/)/.test(line)
  const lines = stack.split('\n').filter((line) => !isForeign(line))
  return lines.join('\n')
}

/** Returns the outcome of a drill, and why. Findings decide before errors, and the first error before later ones. */
export function outcomeOf(entries: Iterable<JournalEntry>, notRun?: string): { outcome: Outcome; why?: string } {
  let unknown: string | undefined
  let isJudged = false
  let firstError: ErrorEvent | undefined
  for (const entry of entries) {
    if (entry.kind === 'finding') {
      isJudged = true
      const why = `${entry.finding.question}: ${entry.finding.sentence}`
      if (entry.finding.verdict === 'fail') return { outcome: 'failed', why }
      if (entry.finding.verdict === 'unknown') unknown ??= why
    }
    if (entry.kind === 'error') firstError ??= entry
  }
  if (firstError !== undefined) {
    return { outcome: firstError.blame === 'failure' ? 'failed' : 'unknown', why: firstError.message }
  }
  if (unknown !== undefined) return { outcome: 'unknown', why: unknown }
  if (notRun !== undefined) return { outcome: 'not run', why: notRun }
  return isJudged ? { outcome: 'passed' } : { outcome: 'unknown', why: 'nothing was judged: the scenario has no claim' }
}
