import type { Lab } from '../lab/lab.ts'

/** Proof that a fault took effect, for the journal. */
export interface Observation {
  readonly tookEffect: boolean
  readonly facts: unknown
}

/** Something broken on purpose. Injecting it is half of it; the other half is seeing that it is broken. */
export interface Fault {
  readonly name: string
  /** What it is done to, e.g. `site primary`. */
  readonly subject: string
  /** Disposing what it gives takes the fault back, where that is possible. */
  inject(lab: Lab): Promise<AsyncDisposable>
  observe(lab: Lab): Promise<Observation>
}
