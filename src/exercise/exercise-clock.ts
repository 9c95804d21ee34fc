/** The clock of an exercise: it does not run during pauses, and a hint moves it forward. */
export class ExerciseClock {
  readonly #nowMs: () => number
  #sinceMs: number | undefined
  #ms = 0

  /** @param nowMs for tests */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  get ms(): number {
    return Math.round(this.#ms + (this.#sinceMs === undefined ? 0 : this.#nowMs() - this.#sinceMs))
  }

  get isRunning(): boolean {
    return this.#sinceMs !== undefined
  }

  /** Starts the clock, at first and after a pause. Does nothing if it runs. */
  run(): void {
    this.#sinceMs ??= this.#nowMs()
  }

  pause(): void {
    this.#ms = this.ms
    this.#sinceMs = undefined
  }

  moveForward(ms: number): void {
    this.#ms += ms
  }
}

/** `07:05`, `1:02:09`. */
export function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  return `${hours > 0 ? `${hours}:` : ''}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}
