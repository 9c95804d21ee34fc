import { groupIntoUnits, type SchedulableScenario, type SchedulingOptions, type WorkUnit } from './work-units.ts'

/** Units of work that no worker has taken yet. */
export class WorkQueue {
  readonly #isolated: ReadonlySet<string>
  /** Isolated units come last. */
  #units: readonly WorkUnit[]

  constructor(scenarios: readonly SchedulableScenario[], options: SchedulingOptions) {
    const isolated = scenarios.filter(({ isIsolated }) => isIsolated)
    const parallel = scenarios.filter(({ isIsolated }) => !isIsolated)
    this.#isolated = new Set(isolated.map(({ location }) => location))
    this.#units = [...groupIntoUnits(parallel, options), ...groupIntoUnits(isolated, options)]
  }

  /** The units that are left. */
  get units(): readonly WorkUnit[] {
    return this.#units
  }

  /**
   * Removes and returns the next unit; undefined if there is none, or if it is isolated and has to wait.
   * @param isAnyRunning true if a worker still runs another unit
   */
  take(isAnyRunning: boolean): WorkUnit | undefined {
    const [next, ...others] = this.#units
    if (next === undefined || (isAnyRunning && next.some((location) => this.#isolated.has(location)))) return undefined
    this.#units = others
    return next
  }

  /** Puts the rest of a unit first in the queue, after its worker was lost. */
  putBack(unit: WorkUnit, started: ReadonlySet<string>): void {
    const rest = unit.filter((location) => !started.has(location))
    if (rest.length > 0) this.#units = [rest, ...this.#units]
  }
}
