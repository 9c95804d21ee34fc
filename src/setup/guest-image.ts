import type { EngineName } from '../lab/engine/engine.ts'
import { openEngine } from '../lab/engine/open-engine.ts'
import type { Shell } from '../shell/shell.ts'
import { installPackages } from './packages.ts'
import type { SetupStep } from './steps.ts'

/** The step that provides the image that every machine of a lab boots from. */
export function guestImageStep(engine: EngineName, shell: Shell): SetupStep {
  return {
    name: 'guest image',
    check: () => findGuestImage(engine),
    announce: async () => 'not built yet: building it once from Debian packages (1 to 2 minutes)',
    apply: async (print) => {
      const install = (packages: readonly string[], why: string) => installPackages(shell, packages, why, print)
      return `${await (await openEngine(engine)).buildImage({ shell, report: print, install })} (new)`
    },
  }
}

/** Returns the name of the guest image. Undefined if none was built from the current recipe. @throws MachineError without an engine */
export async function findGuestImage(engine: EngineName): Promise<string | undefined> {
  return await (await openEngine(engine)).image()
}
