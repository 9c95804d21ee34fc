import type { LabHooks } from '../drill/lab-hooks.ts'
import { labHooks } from '../index.ts'
import { setUp } from '../setup/setup.ts'

/** Labs for a run on a machine that may not be ready for them yet: it is made so before the first one. */
export function preparedLabs(): LabHooks {
  const labs = labHooks('container')
  return {
    async before(run) {
      await setUp((line) => process.stderr.write(`${line}\n`), run.signal)
      await labs.before?.(run)
    },
    after: async (run) => labs.after?.(run),
    get hasKept() {
      return labs.hasKept
    },
    machines: () => labs.machines(),
    endKept: () => labs.endKept(),
  }
}
