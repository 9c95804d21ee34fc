import type { JournalEntry } from '../../journal/journal.ts'
import { stepSources } from './gherkin-text.ts'
import type { PageAttachment, PageStep, StepStatus } from './page-data.ts'
import { contentDigest } from './page-text.ts'
import { durationMsOf, type StartedCase, type StartedStep } from './started-cases.ts'

/** Larger attachments are only named. */
const maxAttachmentBytes = 256 * 1024

/** Returns the steps of a drill, each with the entries that it wrote, and the entries before and after all steps. */
export function drillSteps(own: StartedCase | undefined, entries: readonly JournalEntry[]): readonly PageStep[] {
  const steps = (own?.steps ?? []).filter(({ step }) => step.pickleStepId !== undefined)
  const bySection = entriesBySection(steps, entries)
  const sources = stepSources(own?.document)
  const pickleSteps = new Map(own?.pickle.steps.map((step) => [step.id, step]))
  const prose = steps.map((started, index): PageStep => {
    const pickleStep = pickleSteps.get(started.step.pickleStepId ?? '')
    const source = sources.get(pickleStep?.astNodeIds[0] ?? '')
    const { dataTable, docString } = pickleStep?.argument ?? {}
    return {
      keyword: source?.keyword ?? '*',
      text: pickleStep?.text ?? '?',
      isBackground: source?.isBackground ?? false,
      ...(source === undefined ? {} : { line: source.line }),
      ...resultOf(started),
      ...(dataTable && { table: dataTable.rows.map(({ cells }) => cells.map(({ value }) => value)) }),
      ...(docString && { docString: docString.content }),
      entries: bySection.get(`s${index + 1}`) ?? [],
    }
  })
  const before = section('Before the first step', bySection.get('before'), hooks(own, 'before'))
  const after = section('After the last step', bySection.get('after'), hooks(own, 'after'))
  return [...before, ...prose, ...after]
}

function entriesBySection(
  steps: readonly StartedStep[],
  entries: readonly JournalEntry[],
): ReadonlyMap<string, readonly number[]> {
  const lastEnd = Math.max(0, ...steps.map(({ endedSeq = 0, result }) => (isExecuted(result) ? endedSeq : 0)))
  const isOver = steps.some(({ result }) => isExecuted(result)) && steps.every(({ result }) => result !== undefined)
  // The journal can name a step whose message it does not hold.
  const known = new Set(['before', ...steps.map((_, index) => `s${index + 1}`)])
  const nameOf = ({ seq, series = 'before' }: JournalEntry): string =>
    (isOver && seq > lastEnd) || !known.has(series) ? 'after' : series
  return new Map([...Map.groupBy(entries, nameOf)].map(([name, own]) => [name, own.map(({ seq }) => seq)]))
}

function isExecuted(result: StartedStep['result']): boolean {
  return result !== undefined && result.status !== 'SKIPPED'
}

function section(text: string, entries: readonly number[] = [], hook: readonly StartedStep[]): readonly PageStep[] {
  const attachments = hook.flatMap((one) => one.attachments.map(attachmentOf))
  const failed = hook.find(({ result }) => result?.status === 'FAILED')
  if (entries.length === 0 && attachments.length === 0 && failed === undefined) return []
  const result = failed === undefined ? { status: 'passed' as const, durationMs: 0 } : resultOf(failed)
  return [{ keyword: '', text, isBackground: false, ...result, attachments, entries }]
}

function hooks(own: StartedCase | undefined, side: 'before' | 'after'): readonly StartedStep[] {
  const all = own?.steps ?? []
  const first = all.findIndex(({ step }) => step.pickleStepId !== undefined)
  const split = first === -1 ? all.length : first
  return all.filter(({ step }, index) => step.pickleStepId === undefined && (side === 'before') === index < split)
}

function resultOf({
  result,
  attachments,
}: StartedStep): Pick<PageStep, 'status' | 'durationMs' | 'message' | 'attachments'> {
  return {
    status: result === undefined ? 'not reached' : (statuses[result.status] ?? 'failed'),
    durationMs: result === undefined ? 0 : durationMsOf(result),
    ...(result?.message === undefined ? {} : { message: result.message }),
    attachments: attachments.map(attachmentOf),
  }
}

const statuses: Readonly<Record<string, StepStatus>> = { PASSED: 'passed', FAILED: 'failed', SKIPPED: 'skipped' }

function attachmentOf({
  body,
  contentEncoding,
  mediaType,
  fileName,
}: StartedStep['attachments'][number]): PageAttachment {
  const bytes = Buffer.from(body, contentEncoding === 'BASE64' ? 'base64' : 'utf8')
  const isText = /^(text\/|application\/(json|xml|x-ndjson))/.test(mediaType)
  const content = isText ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') }
  return {
    mediaType,
    ...(fileName === undefined ? {} : { fileName }),
    digest: contentDigest(bytes),
    sizeBytes: bytes.byteLength,
    ...(bytes.byteLength > maxAttachmentBytes ? {} : content),
  }
}
