import type { AppendedEvent, Journal, JournalEntry, MergedJournal } from './journal.ts'

/** Sees an entry; `worker` is the number of the worker whose journal it comes from, if it does. */
export type KeepEntry = (entry: JournalEntry, worker?: number) => void

/** A journal in memory. `keep` sees each entry before it counts as written. */
export class MemoryJournal implements MergedJournal {
  readonly #all: JournalEntry[] = []
  readonly #byDrill = new Map<string, JournalEntry[]>()
  readonly #keep: KeepEntry

  constructor(keep: KeepEntry = () => {}) {
    this.#keep = keep
  }

  append(event: AppendedEvent, drill?: string): JournalEntry {
    const stamp = { seq: this.#all.length + 1, at: new Date().toISOString() }
    return this.#add({ ...stamp, ...(drill === undefined ? {} : { drill }), ...event })
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
 * A journal as one drill sees it: what it writes bears the drill's name, and it reads nothing of other drills.
 * @param series returns the series of the step that is being executed
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
