/** What stopped answering, or never did, and what could not be read because of it. */
export class Unanswered {
  readonly #found: (readonly [where: string, message: string])[] = []

  get all(): readonly (readonly [where: string, message: string])[] {
    return this.#found
  }

  add(where: string, message: string): void {
    this.#found.push([where, message])
  }

  /** Adds a target once: it may be read again. */
  addTarget(path: string, message: string): void {
    if (!this.#found.some(([where]) => where === path)) this.add(path, message)
  }
}
