import { Labs } from '../rehearsal/labs.ts'
import type { RunHooks } from './run.ts'

export interface LabHooks extends RunHooks {
  /** Whether labs were kept: they live as long as this process. */
  readonly hasKept: boolean
  /** Machines of the labs that were kept, as `shell` takes them. */
  machines(): readonly string[]
  /** Ends the labs that were kept. */
  endKept(): Promise<void>
}

/** Gives the drills of a run labs on this engine, and makes sure that nothing is left of them. */
export function labHooks(engineName: string): LabHooks {
  let labs: Labs | undefined
  return {
    engine: engineName,
    async before(run) {
      labs = await Labs.open(run, engineName)
    },
    async after(run) {
      if (labs === undefined) return undefined
      // Whoever interrupts a run does not want to look around in it.
      if (run.signal.aborted) await labs.endKept()
      // What is kept is left on purpose: its holder sees to its end.
      if (labs.hasKept) {
        await labs.keep()
        return undefined
      }
      try {
        return await labs.checkForLeaks()
      } finally {
        await labs.close()
      }
    },
    get hasKept() {
      return labs?.hasKept === true
    },
    machines: () => labs?.keptMachines ?? [],
    async endKept() {
      await labs?.endKept()
      await labs?.close()
    },
  }
}

/** Labs for the drills of a worker. Who started it looks for what is left, once for all workers. */
export function workerLabHooks(engineName: string): RunHooks {
  let labs: Labs | undefined
  return {
    async before(run) {
      labs = await Labs.open(run, engineName)
    },
    async after() {
      await labs?.close()
      return undefined
    },
  }
}
