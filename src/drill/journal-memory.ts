import type { Journal, JournalEntry, JournalEvent } from './journal.ts'

/** A journal in memory. `keep` sees each entry before it counts as written. */
export class MemoryJournal implements Journal {
  readonly #all: JournalEntry[] = []
  readonly #byDrill = new Map<string, JournalEntry[]>()
  readonly #keep: (entry: JournalEntry) => void

  constructor(keep: (entry: JournalEntry) => void = () => {}) {
    this.#keep = keep
  }

  append(event: JournalEvent, drill?: string): JournalEntry {
    const stamp = { seq: this.#all.length + 1, at: new Date().toISOString() }
    const entry: JournalEntry = { ...stamp, ...(drill === undefined ? {} : { drill }), ...event }
    this.#all.push(entry)
    if (drill !== undefined) {
      const own = this.#byDrill.get(drill)
      if (own === undefined) this.#byDrill.set(drill, [entry])
      else own.push(entry)
    }
    this.#keep(entry)
    return entry
  }

  entries(drill?: string): readonly JournalEntry[] {
    return drill === undefined ? this.#all : (this.#byDrill.get(drill) ?? [])
  }
}

/** A journal as one drill sees it: what it writes bears the drill's name, and it reads nothing of other drills. */
export function scoped(journal: Journal, drill: string): Journal {
  return {
    append: (event) => journal.append(event, drill),
    entries: () => journal.entries(drill),
  }
}
