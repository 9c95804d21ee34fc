import { environmentSecrets, Redactor } from '../text/redact.ts'
import type { AppendedEvent, Journal, JournalEntry, MergedJournal } from './journal.ts'

/** Called with each entry. `worker` is the number of the worker that wrote it. Undefined for the run's own entries. */
export type KeepEntry = (entry: JournalEntry, worker?: number) => void

/**
 * A journal in memory. Secrets in an event are replaced before anybody sees its entry. `keep` is called with each entry
 * before `append` returns.
 */
export class MemoryJournal implements MergedJournal {
  readonly #all: JournalEntry[] = []
  readonly #byDrill = new Map<string, JournalEntry[]>()
  readonly #keep: KeepEntry
  readonly #redactor = new Redactor(environmentSecrets(process.env))

  constructor(keep: KeepEntry = () => {}) {
    this.#keep = keep
  }

  append(event: AppendedEvent, drill?: string): JournalEntry {
    const stamp = { seq: this.#all.length + 1, at: new Date().toISOString() }
    const { value, counts } = this.#redactor.redact(event)
    const redacted = counts === undefined ? {} : { redacted: counts }
    return this.#add({ ...stamp, ...(drill === undefined ? {} : { drill }), ...value, ...redacted })
  }

  adopt(entry: JournalEntry, worker: number): JournalEntry {
    return this.#add({ ...entry, seq: this.#all.length + 1 }, worker)
  }

  entries(drill?: string): readonly JournalEntry[] {
    return drill === undefined ? this.#all : (this.#byDrill.get(drill) ?? [])
  }

  #add(entry: JournalEntry, worker?: number): JournalEntry {
    this.#all.push(entry)
    if (entry.drill !== undefined) {
      const own = this.#byDrill.get(entry.drill)
      if (own === undefined) this.#byDrill.set(entry.drill, [entry])
      else own.push(entry)
    }
    this.#keep(entry, worker)
    return entry
  }
}

/**
 * Returns the journal of one drill: it writes under the drill's id, and does not see entries of other drills.
 * @param series returns the series of the current step
 */
export function scoped(journal: Journal, drill: string, series: () => string | undefined = () => undefined): Journal {
  return {
    append: (event) => {
      const current = event.series ?? series()
      return journal.append(current === undefined ? event : { ...event, series: current }, drill)
    },
    entries: () => journal.entries(drill),
  }
}
