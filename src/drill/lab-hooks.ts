import { Labs, labsOf } from './labs.ts'
import type { RunHooks } from './run.ts'

/** Gives the drills of a run labs on this engine, and makes sure that nothing is left of them. */
export function labHooks(engineName: string): RunHooks {
  let labs: Labs | undefined
  return {
    async before(run) {
      labs = await Labs.open(run, engineName)
    },
    async after(run) {
      if (labs === undefined) return undefined
      // What is kept is left on purpose: its holder sees to its end.
      if (labs.hasKept) {
        await labsOf(run).keep()
        return undefined
      }
      try {
        return await labs.checkForLeaks()
      } finally {
        await labs.close()
      }
    },
  }
}
