import type { JournalEntry } from '../../../src/journal/journal.ts'
import { readEvidence } from './restore-evidence.ts'

/** A stretch of time in a lane. */
export interface TimeSpan {
  readonly startMs: number
  readonly endMs: number
  readonly label: string
  /** The entry that it comes from. */
  readonly seq: number
  readonly isBad: boolean
}

/** A moment that changes what comes after it. */
export interface TimeMark {
  readonly atMs: number
  readonly kind: 'fault' | 'power'
  readonly label: string
  readonly seq: number
}

/** What happened in a drill, on the clock of the process that ran it. */
export interface Timeline {
  readonly startMs: number
  readonly endMs: number
  readonly phases: readonly TimeSpan[]
  /** One for each node, with its commands. */
  readonly lanes: readonly { readonly node: string; readonly spans: readonly TimeSpan[] }[]
  readonly marks: readonly TimeMark[]
}

/** Returns the timeline of a drill. Undefined without any entry. */
export function timelineOf(entries: readonly JournalEntry[]): Timeline | undefined {
  const times = entries.map(({ at }) => Date.parse(at)).filter((ms) => !Number.isNaN(ms))
  const [first] = times
  const last = times.at(-1)
  if (first === undefined || last === undefined) return undefined
  const lanes = new Map<string, TimeSpan[]>()
  const addTo = (node: string, span: TimeSpan): void => {
    const lane = lanes.get(node)
    if (lane === undefined) lanes.set(node, [span])
    else lane.push(span)
  }
  for (const entry of entries) {
    if (entry.kind === 'command') addTo(entry.where, commandSpan(entry))
    if (entry.kind !== 'restore') continue
    for (const attempt of readEvidence(entry.evidence).attempts) {
      const startMs = Date.parse(attempt.startedAt ?? '')
      if (Number.isNaN(startMs)) continue
      const label = `${attempt.part}: ${attempt.command}`
      const isBad = attempt.exitCode !== 0
      addTo(attempt.where, { startMs, endMs: startMs + attempt.durationMs, label, seq: entry.seq, isBad })
    }
  }
  return {
    startMs: first,
    endMs: Math.max(last, first + 1),
    phases: phasesOf(entries, last),
    lanes: [...lanes].sort(([one], [other]) => one.localeCompare(other)).map(([node, spans]) => ({ node, spans })),
    marks: entries.flatMap((entry) => markOf(entry) ?? []),
  }
}

function commandSpan(entry: Extract<JournalEntry, { readonly kind: 'command' }>): TimeSpan {
  const { at, startedAt, durationMs, command, exitCode, seq } = entry
  const startMs = startedAt === undefined ? Date.parse(at) - durationMs : Date.parse(startedAt)
  const label = command.replace(/^sh -eu -s --.*<<'EOF'\n+/, '').split('\n', 1)[0] ?? ''
  return { startMs, endMs: startMs + durationMs, label, seq, isBad: exitCode !== 0 }
}

function phasesOf(entries: readonly JournalEntry[], lastMs: number): readonly TimeSpan[] {
  const spans: TimeSpan[] = []
  let open: { readonly label: string; readonly startMs: number; readonly seq: number } | undefined
  for (const entry of entries) {
    if (entry.kind === 'phase-started') open = { label: entry.phase, startMs: Date.parse(entry.at), seq: entry.seq }
    if (entry.kind !== 'phase-ended' || open === undefined) continue
    spans.push({ ...open, endMs: Date.parse(entry.at), isBad: false })
    open = undefined
  }
  // A phase without an end was cut off.
  return open === undefined ? spans : [...spans, { ...open, endMs: lastMs, isBad: true }]
}

function markOf(entry: JournalEntry): TimeMark | undefined {
  const atMs = Date.parse(entry.at)
  if (entry.kind === 'fault') return { atMs, kind: 'fault', label: `${entry.fault}: ${entry.subject}`, seq: entry.seq }
  if (entry.kind === 'observation' && entry.subject === 'power')
    return { atMs, kind: 'power', label: `${entry.where}: ${String(entry.facts)}`, seq: entry.seq }
  return undefined
}

/** Returns spans that can be drawn apart: those that are closer than `minGapMs` become one. */
export function merged(spans: readonly TimeSpan[], minGapMs: number): readonly TimeSpan[] {
  const result: (TimeSpan & { count: number })[] = []
  for (const span of spans.toSorted((one, other) => one.startMs - other.startMs)) {
    const last = result.at(-1)
    if (last !== undefined && span.startMs - last.endMs < minGapMs && last.isBad === span.isBad) {
      const count = last.count + 1
      const endMs = Math.max(last.endMs, span.endMs)
      result[result.length - 1] = {
        ...last,
        endMs,
        count,
        label: `${count} commands, the first one: ${firstLabel(last)}`,
      }
    } else result.push({ ...span, count: 1 })
  }
  return result
}

function firstLabel({ label, count }: { readonly label: string; readonly count: number }): string {
  return count === 1 ? label : label.replace(/^\d+ commands, the first one: /, '')
}
