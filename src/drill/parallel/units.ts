import type { JournalEntry } from '../journal.ts'

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

/** Work for all processes. */
export interface Plan {
  readonly sideBySide: readonly Unit[]
  /** One at a time, when nothing else is left. */
  readonly isolated: readonly Unit[]
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

export interface PlanOptions {
  /** How many processes there are for it. */
  readonly size: number
  readonly durations?: Durations
}

/** How much more than its fair share a process may be given at once, so that a background need not be laid twice. */
const tolerance = 1.2

/** Plans what may be drilled side by side, and apart from it what may not, also of the same feature. */
export function planWork(scenarios: readonly Planned[], options: PlanOptions): Plan {
  const sideBySide = scenarios.filter(({ isIsolated }) => !isIsolated)
  const isolated = scenarios.filter(({ isIsolated }) => isIsolated)
  return { sideBySide: planUnits(sideBySide, options), isolated: planUnits(isolated, options) }
}

/**
 * A unit a feature, or features with the same background if they are not too much for one process. That which takes
 * longest comes first: what is begun last should not be what is waited for.
 */
function planUnits(scenarios: readonly Planned[], { size, durations = new Map() }: PlanOptions): readonly Unit[] {
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
  #sideBySide: readonly Unit[]
  #isolated: readonly Unit[]
  /** The one that is under way, or was. */
  #alone: Unit | undefined

  constructor({ sideBySide, isolated }: Plan) {
    this.#sideBySide = sideBySide
    this.#isolated = isolated
  }

  get left(): readonly Unit[] {
    return [...this.#sideBySide, ...this.#isolated]
  }

  /**
   * The next, if there is one that may be begun now.
   * @param isOtherUnderWay another has been taken, and is not done
   */
  take(isOtherUnderWay: boolean): Unit | undefined {
    const [next, ...others] = this.#sideBySide
    if (next !== undefined) {
      this.#sideBySide = others
      return next
    }
    if (isOtherUnderWay) return undefined
    const [alone, ...rest] = this.#isolated
    this.#isolated = rest
    this.#alone = alone
    return alone
  }

  /** What is left of a unit whose worker was lost is next. */
  putBack(unit: Unit, begun: ReadonlySet<string>): void {
    const rest = unit.filter((location) => !begun.has(location))
    if (rest.length === 0) return
    if (unit === this.#alone) this.#isolated = [rest, ...this.#isolated]
    else this.#sideBySide = [rest, ...this.#sideBySide]
  }
}

/** As Cucumber takes it: `features/a.feature:12:20`, one a feature. */
export function pathsOf(unit: Unit): readonly string[] {
  const byFeature = Map.groupBy(unit, featureOf)
  return [...byFeature].map(
    ([feature, locations]) => feature + locations.map((location) => location.slice(feature.length)).join(''),
  )
}
