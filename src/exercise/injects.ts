import { type InjectScript, msOf } from './exercise-schema.ts'

export type InjectState = 'waiting' | 'fired' | 'skipped'

/** An inject of a script, and whether it has fired. */
export interface PlannedInject {
  readonly script: InjectScript
  readonly state: InjectState
}

/** The injects of an exercise, each of which fires once. */
export class Injects {
  readonly #all: { readonly script: InjectScript; state: InjectState }[]

  constructor(scripts: readonly InjectScript[]) {
    this.#all = scripts.map((script) => ({ script, state: 'waiting' }))
  }

  get all(): readonly PlannedInject[] {
    return this.#all
  }

  /** Takes the injects whose time has come. */
  takeDue(clockMs: number): readonly InjectScript[] {
    return this.#take(({ at }) => {
      const ms = msOf(at)
      return ms !== undefined && ms <= clockMs
    })
  }

  /** Takes the injects that wait for a command. */
  takeForCommand(command: string): readonly InjectScript[] {
    return this.#take(({ when }) => when?.command !== undefined && new RegExp(when.command).test(command))
  }

  /** Takes the injects that wait for an objective to hold. */
  takeForObjective(objective: string): readonly InjectScript[] {
    return this.#take(({ when }) => when?.objective === objective)
  }

  /** Takes one inject by its name or its number from 1, or else the next one. Undefined if it does not wait. */
  take(choice: string | undefined, state: 'fired' | 'skipped'): InjectScript | undefined {
    const found = this.#all.find(
      (one, index) =>
        one.state === 'waiting' && (choice === undefined || one.script.name === choice || `${index + 1}` === choice),
    )
    if (found !== undefined) found.state = state
    return found?.script
  }

  #take(isDue: (script: InjectScript) => boolean): readonly InjectScript[] {
    const due = this.#all.filter(({ script, state }) => state === 'waiting' && isDue(script))
    for (const one of due) one.state = 'fired'
    return due.map(({ script }) => script)
  }
}
