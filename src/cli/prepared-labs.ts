import type { LabHooks } from '../run/lab-hooks.ts'
import { labHooks } from '../run/lab-hooks.ts'
import { chooseEngine, type EngineChoice } from '../setup/engine-choice.ts'
import { setUp } from '../setup/setup.ts'

/** Labs for a run on a machine that may not be ready for them yet: it is made so before the first one. */
export function preparedLabs(choice: EngineChoice): LabHooks {
  let labs: LabHooks | undefined
  const say = (line: string) => void process.stderr.write(`${line}\n`)
  return {
    get engine() {
      return labs?.engine
    },
    async before(run) {
      const engine = await chooseEngine(choice, say)
      await setUp(engine, say, run.signal)
      labs = labHooks(engine)
      await labs.before?.(run)
    },
    after: async (run) => labs?.after?.(run),
    get hasKept() {
      return labs?.hasKept === true
    },
    machines: () => labs?.machines() ?? [],
    endKept: async () => labs?.endKept(),
  }
}
