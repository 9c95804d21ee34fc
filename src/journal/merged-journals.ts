import type { MachineError } from '../errors.ts'
import type { Envelope } from './envelope.ts'
import type { JournalEntry, JournalEvent, MergedJournal } from './journal.ts'
import { MergedEnvelopes } from './merged-envelopes.ts'
import { errorEvent } from './outcome.ts'

export interface MergeOptions {
  /** The journal of the run, which gets all entries. */
  readonly journal: MergedJournal
  readonly newDrillId: () => string
  /** Default: the clock. */
  readonly now?: () => Date
  /** True for an error of a worker that the run has recorded itself. */
  readonly isKnown?: (error: Extract<JournalEntry, { readonly kind: 'error' }>) => boolean
}

interface Source {
  /** The last entry that was taken. */
  seq: number
  /** `seq` in the run's journal, by the worker's. */
  readonly seqs: Map<number, number>
  /** Ids of drills in the run's journal, by the worker's. */
  readonly drills: Map<string, string>
  readonly open: Set<string>
  hasEnded: boolean
}

/**
 * Merges the journals of several workers into the journal of the run, as their entries arrive. `seq` has no gaps, each
 * drill has a unique id, evidence refers to the same entries as before, and the envelopes form one run of Cucumber.
 */
export class MergedJournals {
  readonly #options: MergeOptions
  readonly #envelopes = new MergedEnvelopes()
  readonly #sources = new Map<number, Source>()
  /** How often each scenario was started, by its location. */
  readonly #starts = new Map<string, number>()

  constructor(options: MergeOptions) {
    this.#options = options
  }

  /** Takes the next entry of a worker's journal, and returns the merged one. Undefined if there is nothing to add. */
  take(worker: number, entry: JournalEntry): JournalEntry | undefined {
    const source = this.#source(worker)
    if (entry.seq <= source.seq) return undefined
    source.seq = entry.seq
    const merged = this.#translate(worker, source, entry)
    if (merged === undefined) return undefined
    const ours = this.#options.journal.adopt(merged, worker)
    source.seqs.set(entry.seq, ours.seq)
    return ours
  }

  /** Takes an envelope of the run itself. */
  takeEnvelope(envelope: Envelope): void {
    const merged = this.#envelopes.take(0, envelope)
    if (merged !== undefined) this.#options.journal.append({ kind: 'envelope', envelope: merged })
  }

  /** True if the last entry of the worker's journal was taken. */
  hasEnded(worker: number): boolean {
    return this.#source(worker).hasEnded
  }

  /** Ends the open drill of a lost worker, with the outcome `unknown`. Returns false if it had no open drill. */
  lose(worker: number, error: MachineError): boolean {
    const { open } = this.#source(worker)
    const wasDrilling = open.size > 0
    const add = (event: JournalEvent, drill?: string): void => {
      const stamp = { seq: 0, at: this.#now().toISOString(), ...(drill === undefined ? {} : { drill }) }
      this.#options.journal.adopt({ ...stamp, ...event }, worker)
    }
    for (const envelope of this.#envelopes.lose(worker, error.message, this.#now())) add({ kind: 'envelope', envelope })
    for (const drill of open) {
      add(errorEvent(error), drill)
      add({ kind: 'drill-ended', outcome: 'unknown', why: error.message }, drill)
    }
    open.clear()
    return wasDrilling
  }

  /** Ends the merged run of Cucumber. */
  end(): void {
    const envelope = this.#envelopes.end(this.#now())
    if (envelope !== undefined) this.#options.journal.append({ kind: 'envelope', envelope })
  }

  #now(): Date {
    return this.#options.now?.() ?? new Date()
  }

  #source(worker: number): Source {
    const known = this.#sources.get(worker)
    if (known !== undefined) return known
    const source = { seq: 0, seqs: new Map(), drills: new Map(), open: new Set<string>(), hasEnded: false }
    this.#sources.set(worker, source)
    return source
  }

  #translate(worker: number, source: Source, entry: JournalEntry): JournalEntry | undefined {
    if (entry.kind === 'run-started') return undefined
    if (entry.kind === 'run-ended') {
      source.hasEnded = true
      return undefined
    }
    if (entry.kind === 'error' && entry.drill === undefined && this.#options.isKnown?.(entry) === true) return undefined
    if (entry.kind === 'envelope') {
      const envelope = this.#envelopes.take(worker, entry.envelope as Envelope)
      return envelope === undefined ? undefined : { ...entry, envelope }
    }
    const drill = this.#drill(source, entry)
    const ours = drill === undefined ? entry : { ...entry, drill }
    if (ours.kind === 'drill-started') return this.#attempt(ours)
    if (ours.kind !== 'finding') return ours
    const evidence = ours.finding.evidence.flatMap((seq) => source.seqs.get(seq) ?? [])
    return { ...ours, finding: { ...ours.finding, evidence } }
  }

  #attempt(entry: Extract<JournalEntry, { readonly kind: 'drill-started' }>): JournalEntry {
    const attempt = (this.#starts.get(entry.location) ?? 0) + 1
    this.#starts.set(entry.location, attempt)
    return attempt === 1 ? entry : { ...entry, attempt }
  }

  #drill({ drills, open }: Source, { kind, drill }: JournalEntry): string | undefined {
    if (drill === undefined) return undefined
    const ours = drills.get(drill) ?? this.#options.newDrillId()
    drills.set(drill, ours)
    if (kind === 'drill-started') open.add(ours)
    if (kind === 'drill-ended') open.delete(ours)
    return ours
  }
}
