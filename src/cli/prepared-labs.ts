import type { LabHooks } from '../run/lab-hooks.ts'
import { labHooks } from '../run/lab-hooks.ts'
import { chooseEngine, type EngineChoice } from '../setup/engine-choice.ts'
import { setUp } from '../setup/setup.ts'

/** The labs of a run, which prepares the machine before the first lab. */
export function preparedLabs(choice: EngineChoice): LabHooks {
  let labs: LabHooks | undefined
  const print = (line: string) => void process.stderr.write(`${line}\n`)
  return {
    get engine() {
      return labs?.engine
    },
    get engineVersion() {
      return labs?.engineVersion
    },
    get guestImage() {
      return labs?.guestImage
    },
    async before(run) {
      const engine = await chooseEngine(choice, print)
      await setUp(engine, print, run.signal)
      labs = labHooks(engine)
      await labs.before?.(run)
    },
    after: async (run) => labs?.after?.(run),
    get hasKept() {
      return labs?.hasKept === true
    },
    machines: () => labs?.machines() ?? [],
    keep: async () => labs?.keep(),
    endKept: async () => labs?.endKept(),
  }
}
