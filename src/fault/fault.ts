import type { Lab } from '../lab/lab.ts'

/** The proof of whether a fault took effect, for the journal. */
export interface FaultEffect {
  readonly tookEffect: boolean
  readonly facts: unknown
}

/** Something that is broken on purpose. A fault counts only if it is observed to be broken. */
export interface Fault {
  readonly name: string
  /** What is broken, e.g. `site primary`. */
  readonly subject: string
  /** Breaks it. Disposing the result undoes the fault, where that is possible. */
  inject(lab: Lab): Promise<AsyncDisposable>
  /** Observes whether it is broken. */
  observe(lab: Lab): Promise<FaultEffect>
}
