import { createHash } from 'node:crypto'
import type { JournalEntry, Outcome } from '../journal/journal.ts'
import type { StartedCases, StartedStep } from '../report/page/started-cases.ts'
import type { DrillOverview } from '../report/run-overview.ts'
import { attributesOf, nanosOf, shownText } from './otlp-json.ts'
import type { Span } from './span.ts'
import { eventOf } from './span-events.ts'

/** A drill, and its entries in the journal of its run. */
export interface TracedDrill {
  readonly run: string
  readonly drill: DrillOverview
  readonly entries: readonly JournalEntry[]
  readonly cases: StartedCases
}

interface NewSpan {
  readonly key: string
  readonly parent?: Span | undefined
  readonly name: string
  readonly from: string | number
  readonly to: string | number
  readonly facts: Parameters<typeof attributesOf>[0]
  readonly status?: Span['status']
}

interface OpenPhase {
  readonly phase: string
  readonly series: string | undefined
  readonly span: Span | undefined
}

const unset = { code: 0 } as const

/**
 * Returns a drill as a trace: its steps, the phases in them, and their commands. Faults, restores, findings and errors
 * are events. The same drill has the same ids each time. A command has no status: many fail on purpose, and verdicts judge
 * what they mean.
 */
export function drillTrace(traced: TracedDrill): readonly Span[] {
  return new Trace(traced).spans
}

class Trace {
  readonly spans: Span[] = []
  readonly #traceId: string
  readonly #root: Span | undefined
  readonly #lastAt: string
  readonly #steps = new Map<string, { readonly span: Span | undefined; readonly endedSeq: number }>()
  readonly #phaseEnds: ReadonlyMap<number, string>
  readonly #open: OpenPhase[] = []

  constructor({ run, drill, entries, cases }: TracedDrill) {
    const { id, name, feature, location, outcome, why } = drill
    this.#traceId = digest(`${run} ${id}`, 32)
    this.#lastAt = entries.at(-1)?.at ?? ''
    this.#phaseEnds = phaseEnds(entries)
    this.#root = this.#add({
      ...{ key: 'drill', name, from: entries[0]?.at ?? '', to: this.#lastAt, status: statusOf(outcome, why) },
      facts: {
        ...{ 'dr_drill.run': run, 'dr_drill.drill': id, 'dr_drill.location': location, 'dr_drill.outcome': outcome },
        ...{ 'test.case.name': name, 'test.suite.name': feature },
      },
    })
    this.#addSteps(id, cases)
    for (const entry of entries) this.#take(entry)
  }

  #take(entry: JournalEntry): void {
    const parent = this.#parentOf(entry)
    if (entry.kind === 'phase-started') this.#open.push(this.#begun(entry, parent))
    else if (entry.kind === 'phase-ended') this.#close(entry.phase)
    else if (entry.kind === 'command') this.#addCommand(entry, parent)
    else {
      const event = eventOf(entry)
      if (event !== undefined) parent?.events.push(event)
    }
  }

  /** The innermost open phase of the same step, or else the step, or else the drill. */
  #parentOf({ seq, series = '' }: JournalEntry): Span | undefined {
    const step = this.#steps.get(series)
    // Hooks after the last step write to its series, too.
    const inStep = step !== undefined && seq <= step.endedSeq ? step.span : undefined
    return this.#open.findLast((one) => one.series === series)?.span ?? inStep ?? this.#root
  }

  #begun(
    { seq, at, phase, series = '' }: Extract<JournalEntry, { kind: 'phase-started' }>,
    parent: Span | undefined,
  ): OpenPhase {
    const to = this.#phaseEnds.get(seq) ?? this.#lastAt
    const facts = { 'dr_drill.phase': phase }
    return { phase, series, span: this.#add({ key: `phase ${seq}`, parent, name: phase, from: at, to, facts }) }
  }

  #close(phase: string): void {
    const nth = this.#open.findLastIndex((one) => one.phase === phase)
    if (nth !== -1) this.#open.splice(nth, 1)
  }

  #addCommand(entry: Extract<JournalEntry, { kind: 'command' }>, parent: Span | undefined): void {
    const { seq, at, where, command, startedAt, durationMs, ended, exitCode, user } = entry
    const toMs = startedAt === undefined ? Date.parse(at) : Date.parse(startedAt) + durationMs
    this.#add({
      ...{ key: `command ${seq}`, parent, name: programOf(command), from: toMs - durationMs, to: toMs },
      facts: {
        ...{ 'dr_drill.where': where, 'process.command_line': command, 'dr_drill.ended': ended },
        ...{ 'process.exit.code': exitCode ?? undefined, 'process.user.id': user?.uid, 'dr_drill.entry': seq },
      },
    })
  }

  /** Steps that were skipped have no span. */
  #addSteps(drill: string, cases: StartedCases): void {
    const own = cases.ofDrill(drill)
    const texts = new Map(own?.pickle.steps.map((step) => [step.id, step.text]))
    const steps = (own?.steps ?? []).filter(({ step }) => step.pickleStepId !== undefined)
    for (const [index, started] of steps.entries()) {
      const { startedAt, endedAt = this.#lastAt, endedSeq = Number.POSITIVE_INFINITY, result, step } = started
      if (startedAt === undefined || result?.status === 'SKIPPED') continue
      const span = this.#add({
        ...{ key: `step ${index + 1}`, parent: this.#root, name: texts.get(step.pickleStepId ?? '') ?? '?' },
        ...{ from: startedAt, to: endedAt, status: stepStatus(started) },
        facts: { 'dr_drill.step': index + 1 },
      })
      this.#steps.set(`s${index + 1}`, { span, endedSeq })
    }
  }

  /** Adds a span. Undefined if its times are not valid. */
  #add({ key, parent, name, from, to, facts, status = unset }: NewSpan): Span | undefined {
    const [start, end] = [nanosOf(from), nanosOf(to)]
    if (start === undefined || end === undefined) return undefined
    const span: Span = {
      traceId: this.#traceId,
      spanId: digest(`${this.#traceId} ${key}`, 16),
      ...(parent && { parentSpanId: parent.spanId }),
      ...{ name: shownText(name), kind: 1, startTimeUnixNano: start },
      endTimeUnixNano: BigInt(end) < BigInt(start) ? start : end,
      ...{ attributes: attributesOf(facts), events: [], status },
    }
    this.spans.push(span)
    return span
  }
}

/** Returns when each phase ended, by the `seq` of its start. */
function phaseEnds(entries: readonly JournalEntry[]): ReadonlyMap<number, string> {
  const ends = new Map<number, string>()
  const open: { readonly phase: string; readonly seq: number }[] = []
  for (const entry of entries) {
    if (entry.kind === 'phase-started') open.push(entry)
    if (entry.kind !== 'phase-ended') continue
    const nth = open.findLastIndex(({ phase }) => phase === entry.phase)
    const [started] = nth === -1 ? [] : open.splice(nth, 1)
    if (started !== undefined) ends.set(started.seq, entry.at)
  }
  return ends
}

/** Only a drill that passed is `OK`. One that could not be judged is an error. */
function statusOf(outcome: Outcome, why = ''): Span['status'] {
  if (outcome === 'passed') return { code: 1 }
  return outcome === 'not run' ? unset : { code: 2, message: shownText(`${outcome}: ${why}`) }
}

function stepStatus({ result }: StartedStep): Span['status'] {
  if (result?.status === 'PASSED') return { code: 1 }
  return { code: 2, message: shownText(result?.message ?? 'the step did not end') }
}

/** Spans have few names: the whole command line is an attribute. */
function programOf(command: string): string {
  return command.trim().split(/\s/, 1)[0]?.split('/').at(-1) || 'command'
}

/** The first digits of a digest. They are not all zero. */
const digest = (text: string, digits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, digits)
