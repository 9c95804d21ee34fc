import type { Envelope, GherkinDocument, Pickle } from '../journal/envelope.ts'

/** The steps that a scenario shares with other scenarios of any feature. */
export interface Background {
  /** Equal for scenarios of a run whose backgrounds have equal steps. */
  readonly key: string
  /** Ids of its steps in the pickle, in order. */
  readonly steps: readonly string[]
}

/** Returns the background of a scenario. Undefined without one, and if it has steps other than `Given`. */
export function backgroundOf(pickle: Pickle, document: GherkinDocument | undefined): Background | undefined {
  const lines = new Set<string>()
  for (const child of document?.feature?.children ?? []) {
    const inner = [child, ...(child.rule?.children ?? [])]
    for (const { background } of inner) for (const { id } of background?.steps ?? []) lines.add(id)
  }
  const steps = pickle.steps.filter(({ astNodeIds }) => astNodeIds.every((id) => lines.has(id)))
  if (steps.length === 0 || steps.some(({ type }) => type !== 'Context')) return undefined
  return {
    key: JSON.stringify(steps.map(({ text, argument }) => [text, argument])),
    steps: steps.map(({ id }) => id),
  }
}

/** Counts the scenarios of a run that have not started, by their background. */
export class Backgrounds {
  readonly #documents = new Map<string | undefined, GherkinDocument>()
  readonly #keyOfPickle = new Map<string, string>()
  readonly #keyOfCase = new Map<string, string>()
  readonly #waiting = new Map<string, number>()

  update({ gherkinDocument, pickle, testCase, testCaseStarted }: Envelope): void {
    if (gherkinDocument !== undefined) this.#documents.set(gherkinDocument.uri, gherkinDocument)
    if (pickle !== undefined) {
      const key = backgroundOf(pickle, this.#documents.get(pickle.uri))?.key
      if (key !== undefined) this.#keyOfPickle.set(pickle.id, key)
    }
    if (testCase !== undefined) {
      const key = this.#keyOfPickle.get(testCase.pickleId)
      if (key !== undefined) this.#keyOfCase.set(testCase.id, key)
      this.#count(key, 1)
    }
    if (testCaseStarted !== undefined) this.#count(this.#keyOfCase.get(testCaseStarted.testCaseId), -1)
  }

  waiting(key: string): number {
    return this.#waiting.get(key) ?? 0
  }

  #count(key: string | undefined, by: number): void {
    if (key !== undefined) this.#waiting.set(key, this.waiting(key) + by)
  }
}

/** Follows the background of a drill. */
export interface BackgroundWatcher {
  /** Called after each step that passed, with the number of steps so far. */
  stepDone(count: number): void
  /** Called once, after all steps of the background and before the scenario's own steps. */
  over(): Promise<void>
}

/** The background of the current drill. */
export class BackgroundProgress {
  readonly background: Background
  watcher: BackgroundWatcher | undefined
  #done = 0
  #isOver = false

  constructor(background: Background) {
    this.background = background
  }

  async beforeStep(id: string): Promise<void> {
    const { steps } = this.background
    if (this.#isOver || steps.includes(id)) return
    this.#isOver = true
    if (this.#done === steps.length) await this.watcher?.over()
  }

  afterStep(id: string, hasPassed: boolean): void {
    if (hasPassed && this.background.steps.includes(id)) this.watcher?.stepDone(++this.#done)
  }
}
