import type { ExerciseScript } from './exercise-schema.ts'
import { judgeNow, type ObjectiveView, type ObservedSite } from './live-objectives.ts'
import { LookSchedule } from './look-schedule.ts'

export interface ObjectiveWatchEvents {
  /** A view has changed, or the review needs it, because a command came before it. */
  readonly onView: (view: ObjectiveView) => void
  /** An objective holds that did not hold before. Not called for the last look. */
  readonly onMet: (name: string) => void
  /** All objectives hold that can be judged at any time. */
  readonly onAllMet: () => void
}

/** Follows the objectives that can be judged at any time, while a team works. One look at a time. */
export class ObjectiveWatch {
  readonly #objectives: ExerciseScript['objectives']
  readonly #site: ObservedSite
  readonly #events: ObjectiveWatchEvents
  readonly #schedule = new LookSchedule()
  #views: readonly ObjectiveView[]
  #looking: Promise<void> | undefined
  /** True if a command has ended since the last look. */
  #hasCommands = false

  private constructor(
    objectives: ExerciseScript['objectives'],
    site: ObservedSite,
    events: ObjectiveWatchEvents,
    views: readonly ObjectiveView[],
  ) {
    this.#objectives = objectives
    this.#site = site
    this.#events = events
    this.#views = views
  }

  /** Looks for the first time. Its events begin with the second look. */
  static async begin(
    objectives: ExerciseScript['objectives'],
    site: ObservedSite,
    events: ObjectiveWatchEvents,
  ): Promise<ObjectiveWatch> {
    return new ObjectiveWatch(objectives, site, events, await judgeNow(objectives, site))
  }

  /** What the last look found. */
  get views(): readonly ObjectiveView[] {
    return this.#views
  }

  get isDue(): boolean {
    return this.#schedule.isDue
  }

  /** A command has ended, which may have changed something. */
  commandEnded(): void {
    this.#hasCommands = true
    this.#schedule.commandEnded()
  }

  /** Waits for a look that is under way. */
  async settle(): Promise<void> {
    await this.#looking
  }

  /** Judges the objectives now. Joins a look that is under way. */
  async look(): Promise<readonly ObjectiveView[]> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
    return this.#views
  }

  /** Judges the objectives after the work of the team. */
  async lookAtLast(): Promise<void> {
    await this.settle()
    this.#take(await judgeNow(this.#objectives, this.#site), true, true)
  }

  async #look(): Promise<void> {
    const startedMs = performance.now()
    // The review assigns what a look finds to the commands before it.
    const isAfterCommand = this.#hasCommands
    this.#hasCommands = false
    const views = await judgeNow(this.#objectives, this.#site)
    this.#schedule.looked(performance.now() - startedMs)
    this.#take(views, isAfterCommand)
    if (views.length > 0 && views.every(({ state }) => state === 'holds')) this.#events.onAllMet()
  }

  #take(views: readonly ObjectiveView[], isRecorded: boolean, isLast = false): void {
    const before = new Map(this.#views.map((view) => [view.name, view]))
    this.#views = views
    for (const view of views) {
      const last = before.get(view.name)
      if (isRecorded || last?.state !== view.state || last.detail !== view.detail) this.#events.onView(view)
      if (view.state === 'holds' && last?.state !== 'holds' && !isLast) this.#events.onMet(view.name)
    }
  }
}
