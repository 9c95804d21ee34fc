import type { EngineName } from '../../src/lab/engine/engine.ts'
import type { Shell } from '../../src/shell/shell.ts'
import type { Tally } from './tally.ts'

/** What a part of the gate works with. */
export interface Bench {
  readonly shell: Shell
  /** The checkout. */
  readonly root: string
  /** Ends every part. */
  readonly signal: AbortSignal
  /** Where processes leave their coverage (NODE_V8_COVERAGE). */
  readonly coverageFolder: string
  /** Which scenarios, as a tag expression; all if there is none. */
  readonly tags: string | undefined
  /** Takes lines for a person to read. */
  readonly say: (line: string) => void
}

/** What the machine has to be made ready for: labs on an engine, or tests that use more than drills do. */
export type Need = EngineName | 'tests'

/** One part of the gate. */
export interface Part {
  readonly name: string
  readonly needs: readonly Need[]
  run(bench: Bench): Promise<Tally>
}
