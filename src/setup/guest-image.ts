import { abortable } from '../concurrency/abortable.ts'
import type { EngineName } from '../lab/engine/engine.ts'
import { openEngine } from '../lab/engine/open-engine.ts'
import { settledWithin } from '../shell/process.ts'
import type { Shell } from '../shell/shell.ts'
import { installPackages } from './packages.ts'
import type { SetupStep } from './steps.ts'

/** Maximum time for an interrupted build to remove its files. */
const unwindMs = 10_000

/** The step that provides the image that every machine of a lab boots from. */
export function guestImageStep(engine: EngineName, shell: Shell): SetupStep {
  return {
    name: 'guest image',
    check: () => findGuestImage(engine),
    announce: async () => 'not built yet: building it once from Debian packages (1 to 2 minutes)',
    apply: async (print, signal) => {
      let installing: Promise<void> | undefined
      const install = (packages: readonly string[], why: string) => {
        installing = installPackages(shell, packages, why, print)
        return installing
      }
      const building = (await openEngine(engine)).buildImage({ shell, report: print, install })
      try {
        return `${await abortable(building, signal)} (new)`
      } catch (error) {
        await installing?.catch(() => {})
        // A container engine may go on. The folders are leased: their watchers remove them when this process has ended.
        await settledWithin(unwindMs, building)
        throw error
      }
    },
  }
}

/** Returns the name of the guest image. Undefined if none was built from the current recipe. @throws MachineError without an engine */
export async function findGuestImage(engine: EngineName): Promise<string | undefined> {
  return await (await openEngine(engine)).image()
}
