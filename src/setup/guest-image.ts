import type { EngineName } from '../lab/engine/engine.ts'
import { openEngine } from '../lab/engine/open-engine.ts'
import type { Shell } from '../shell/shell.ts'
import { installPackages } from './packages.ts'
import type { Step } from './step.ts'

/** The step that ends with the image that every machine of a lab starts from. */
export function guestImageStep(engine: EngineName, shell: Shell): Step {
  return {
    name: 'guest image',
    isDone: () => findGuestImage(engine),
    announce: async () => 'it is not there: building it from Debian packages, once (a minute or two)',
    do: async (report) => {
      const install = (packages: readonly string[], why: string) => installPackages(shell, packages, why, report)
      return `${await (await openEngine(engine)).buildImage({ shell, report, install })} is built`
    },
  }
}

/** Says which image is there; undefined when there is none of today's recipe. @throws MachineError without an engine */
export async function findGuestImage(engine: EngineName): Promise<string | undefined> {
  const image = await (await openEngine(engine)).image()
  return image === undefined ? undefined : `${image} is there`
}
