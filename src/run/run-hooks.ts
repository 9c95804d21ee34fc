import type { Run } from '../drill/run-context.ts'
import type { Finding } from '../journal/journal.ts'

/** Work before and after the drills of a run: preparing labs, and checking that nothing is left of them. */
export interface RunHooks {
  /** The engine that runs the labs. Undefined until `before` has returned. */
  readonly engine?: string | undefined
  /** The version that the engine reports. Undefined until `before` has returned. */
  readonly engineVersion?: string | undefined
  /** The image that their machines boot from. Undefined until `before` has returned. */
  readonly guestImage?: string | undefined
  /** Called before the first drill. An error ends the run. */
  before?(run: Run): Promise<void>
  /** Called after the last drill, also if the run failed. Records its observations itself. */
  after?(run: Run): Promise<Finding | undefined>
}
