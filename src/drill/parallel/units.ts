import type { JournalEntry } from '../journal.ts'

/** Work for one process: scenarios of one feature, which may share what comes before them. */
export interface Unit {
  readonly feature: string
  /** `features/a.feature:12`, in the order in which they are written. */
  readonly scenarios: readonly string[]
}

/** How long scenarios took, by their location. */
export type Durations = ReadonlyMap<string, number>

/** Reads from the journal of a run how long its scenarios took. */
export function durationsOf(entries: readonly JournalEntry[]): Durations {
  const started = new Map<string | undefined, { readonly location: string; readonly atMs: number }>()
  const durations = new Map<string, number>()
  for (const entry of entries) {
    if (entry.kind === 'drill-started')
      started.set(entry.drill, { location: entry.location, atMs: Date.parse(entry.at) })
    const start = started.get(entry.drill)
    if (entry.kind === 'drill-ended' && entry.outcome !== 'not run' && start !== undefined)
      durations.set(start.location, Date.parse(entry.at) - start.atMs)
  }
  return durations
}

/** A unit a feature, the one that takes longest first: what is begun last should not be what is waited for. */
export function planUnits(locations: readonly string[], durations: Durations = new Map()): readonly Unit[] {
  const known = [...durations.values()].sort((a, b) => a - b)
  const typicalMs = known[known.length >> 1] ?? 1
  const expectedMs = ({ scenarios }: Unit): number =>
    scenarios.reduce((sum, location) => sum + (durations.get(location) ?? typicalMs), 0)
  const byFeature = Map.groupBy(locations, (location) => location.replace(/:\d+$/, ''))
  const units = [...byFeature].map(([feature, scenarios]) => ({ feature, scenarios }))
  return units.sort((a, b) => expectedMs(b) - expectedMs(a))
}

/** Work that nobody has taken yet. */
export class Units {
  #left: readonly Unit[]

  constructor(units: readonly Unit[]) {
    this.#left = units
  }

  get left(): readonly Unit[] {
    return this.#left
  }

  take(): Unit | undefined {
    const [next, ...others] = this.#left
    this.#left = others
    return next
  }

  /** What is left of a unit whose worker was lost is next. */
  putBack({ feature, scenarios }: Unit, begun: ReadonlySet<string>): void {
    const rest = scenarios.filter((location) => !begun.has(location))
    if (rest.length > 0) this.#left = [{ feature, scenarios: rest }, ...this.#left]
  }
}

/** As Cucumber takes it: `features/a.feature:12:20`. */
export function pathOf({ feature, scenarios }: Unit): string {
  const lines = scenarios.map((location) => location.slice(feature.length))
  return feature + lines.join('')
}
