import { longDuration } from '../text/duration.ts'
import { type ExerciseScript, msOf } from './exercise-schema.ts'

/** A hint that was taken. */
export interface TakenHint {
  /** From 1. */
  readonly number: number
  readonly text: string
  readonly priceMs?: number
  /** The hint as participants read it, with its price. */
  readonly shown: string
}

/** The hints of an exercise, which are given in their order. */
export class Hints {
  readonly #scripts: ExerciseScript['hints']
  #taken = 0

  constructor(scripts: ExerciseScript['hints']) {
    this.#scripts = scripts
  }

  get taken(): number {
    return this.#taken
  }

  /** Returns the next hint. Undefined if there are no more. */
  take(): TakenHint | undefined {
    const next = this.#scripts[this.#taken]
    if (next === undefined) return undefined
    const number = ++this.#taken
    const text = next.text.trim()
    const priceMs = msOf(next.price)
    const price = priceMs === undefined ? '' : ` The clock moves forward by ${longDuration(priceMs)}.`
    const shown = `Hint ${number} of ${this.#scripts.length}:${price}\n${text}`
    return { number, text, shown, ...(priceMs !== undefined && { priceMs }) }
  }
}
