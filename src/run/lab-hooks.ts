import { openEngine } from '../lab/engine/open-engine.ts'
import { tidy } from '../lab/registry/tidy.ts'
import { Labs } from '../rehearsal/labs.ts'
import type { RunHooks } from './run-hooks.ts'

export interface LabHooks extends RunHooks {
  /** True if labs were kept. They live as long as this process. */
  readonly hasKept: boolean
  /** The machines of the labs that were kept, as `shell` takes them. */
  machines(): readonly string[]
  /** Records that the labs outlive the command, although drills use them: `lab list` and `lab down` find them. */
  keep(): Promise<void>
  /** Ends the labs that were kept. */
  endKept(): Promise<void>
}

/** Provides the drills of a run with labs on this engine, and checks that nothing is left of them. */
export function labHooks(engineName: string): LabHooks {
  let labs: Labs | undefined
  let image: string | undefined
  let version: string | undefined
  return {
    engine: engineName,
    get engineVersion() {
      return version
    },
    get guestImage() {
      return image
    },
    async before(run) {
      const engine = await openEngine(engineName)
      image = await engine.image()
      version = (await engine.check()).version
      const tidied = await tidy(engine)
      if (tidied !== undefined) run.journal.append({ kind: 'note', text: tidied })
      labs = await Labs.open(run, engineName)
    },
    async after(run) {
      if (labs === undefined) return undefined
      // The user who interrupts a run does not want to inspect its lab.
      if (run.signal.aborted) await labs.endKept()
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
    async keep() {
      await labs?.keep()
    },
    async endKept() {
      await labs?.endKept()
      await labs?.close()
    },
  }
}

/** Provides the drills of a worker with labs. The parent process checks for leaks, once for all workers. */
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
