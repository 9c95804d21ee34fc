import type { Purpose } from '../../src/setup/setup.ts'
import type { Shell } from '../../src/shell/shell.ts'
import type { Tally } from './tally.ts'

/** One part of the project's tests. */
export interface Part {
  readonly name: string
  /** Purposes that the machine must be set up for. */
  readonly needs: readonly Purpose[]
  run(context: PartContext): Promise<Tally>
}

export interface PartContext {
  /** This machine. */
  readonly shell: Shell
  /** The folder of the checkout. */
  readonly root: string
  /** Interrupts the part. */
  readonly signal: AbortSignal
  /** Variables for the processes that run the code. */
  readonly environment: Readonly<Record<string, string>>
  /** A tag expression that selects scenarios. Undefined for all scenarios. */
  readonly tags: string | undefined
  /** Prints lines. */
  readonly print: (lines: string) => void
}
