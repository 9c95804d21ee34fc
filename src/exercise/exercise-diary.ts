import type { ExerciseRecord } from '../journal/journal.ts'
import { ExerciseLog } from './exercise-log.ts'

const maxLines = 300

/** The command that a person runs on one node, or the last one. */
export interface Doing {
  readonly node: string
  readonly command: string
}

/** Follows the events of an exercise, for the page of the facilitator. */
export class ExerciseDiary {
  readonly #log = new ExerciseLog()
  readonly #lines: string[] = []
  readonly #metAtMs = new Map<string, number>()
  /** By the file of the recording. */
  readonly #open = new Map<string, Doing & { readonly person: string }>()

  /** The last lines of the timeline, oldest first. */
  get lines(): readonly string[] {
    return this.#lines
  }

  take(record: ExerciseRecord): void {
    const { event, clockMs, subject = '', person = '', node = '', state } = record
    const line = this.#log.line(record)
    if (line !== undefined) this.#lines.push(line)
    if (this.#lines.length > maxLines) this.#lines.shift()
    if (event === 'objective' && state === 'holds' && !this.#metAtMs.has(subject)) this.#metAtMs.set(subject, clockMs)
    if (event === 'session began') this.#open.set(subject, { person, node, command: '' })
    if (event === 'session ended') this.#open.delete(subject)
  }

  /** A command has begun in a session. */
  commandBegan(recording: string, person: string, node: string, command: string): void {
    if (this.#open.has(recording)) this.#open.set(recording, { person, node, command })
  }

  /** The first time that an objective held, on the clock. */
  metAtMs(objective: string): number | undefined {
    return this.#metAtMs.get(objective)
  }

  doing(person: string): readonly Doing[] {
    return [...this.#open.values()]
      .filter((one) => one.person === person)
      .map(({ node, command }) => ({ node, command }))
  }
}
