import type { JournalEntry } from '../../journal/journal.ts'

/** A scenario that is to be handed out. */
export interface Planned {
  /** `features/a.feature:12` */
  readonly location: string
  /** See `Background`: those with the same one share its saved outcome, if they are drilled by the same process. */
  readonly background?: string
  /** No other is to be drilled meanwhile. */
  readonly isIsolated?: true
}

/** Work for one process: locations of scenarios, in the order in which they are written. */
export type Unit = readonly string[]

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

export interface PlanOptions {
  /** How many processes there are for it. */
  readonly size: number
  readonly durations?: Durations
}

/** How much more than its fair share a process may be given at once, so that a background need not be laid twice. */
const tolerance = 1.2

/**
 * A unit a feature, or features with the same background if they are not too much for one process. That which takes
 * longest comes first: what is begun last should not be what is waited for.
 */
export function planUnits(
  scenarios: readonly Planned[],
  { size, durations = new Map() }: PlanOptions,
): readonly Unit[] {
  const known = [...durations.values()].sort((a, b) => a - b)
  const typicalMs = known[known.length >> 1] ?? 1
  const expectedMs = (unit: Unit): number =>
    unit.reduce((sum, location) => sum + (durations.get(location) ?? typicalMs), 0)
  const mostMs = (expectedMs(scenarios.map(({ location }) => location)) / size) * tolerance
  const features = [...Map.groupBy(scenarios, ({ location }) => featureOf(location)).values()]
  const groups = Map.groupBy(features, (feature) => sharedBackground(feature) ?? feature)
  const units = [...groups.values()].flatMap((group): readonly Unit[] => {
    const apart = group.map((feature) => feature.map(({ location }) => location))
    return expectedMs(apart.flat()) <= mostMs ? [apart.flat()] : apart
  })
  return units.sort((a, b) => expectedMs(b) - expectedMs(a))
}

const featureOf = (location: string): string => location.replace(/:\d+$/, '')

/** The background that all of them have. */
function sharedBackground(scenarios: readonly Planned[]): string | undefined {
  const [first] = scenarios
  return scenarios.every(({ background }) => background === first?.background) ? first?.background : undefined
}

/** Work that nobody has taken yet. */
export class Units {
  readonly #isolated: ReadonlySet<string>
  /** Isolated ones after all others. */
  #left: readonly Unit[]

  constructor(scenarios: readonly Planned[], options: PlanOptions) {
    const isolated = scenarios.filter(({ isIsolated }) => isIsolated)
    const sideBySide = scenarios.filter(({ isIsolated }) => !isIsolated)
    this.#isolated = new Set(isolated.map(({ location }) => location))
    this.#left = [...planUnits(sideBySide, options), ...planUnits(isolated, options)]
  }

  get left(): readonly Unit[] {
    return this.#left
  }

  /**
   * The next, if it may be begun now.
   * @param isOtherUnderWay another has been taken, and is not done
   */
  take(isOtherUnderWay: boolean): Unit | undefined {
    const [next, ...others] = this.#left
    if (next === undefined || (isOtherUnderWay && next.some((location) => this.#isolated.has(location))))
      return undefined
    this.#left = others
    return next
  }

  /** What is left of a unit whose worker was lost is next. */
  putBack(unit: Unit, begun: ReadonlySet<string>): void {
    const rest = unit.filter((location) => !begun.has(location))
    if (rest.length > 0) this.#left = [rest, ...this.#left]
  }
}

/** As Cucumber takes it: `features/a.feature:12:20`, one a feature. */
export function pathsOf(unit: Unit): readonly string[] {
  const byFeature = Map.groupBy(unit, featureOf)
  return [...byFeature].map(
    ([feature, locations]) => feature + locations.map((location) => location.slice(feature.length)).join(''),
  )
}
