import { dockerClient } from '../lab/engine/container/client.ts'
import { ensureGuestImage, requireGuestImage } from '../lab/engine/container/image.ts'
import type { Shell } from '../shell/shell.ts'
import { installPackages } from './packages.ts'
import type { Step } from './step.ts'

/** The step that ends with the image that every machine of a lab starts from. */
export function guestImageStep(shell: Shell): Step {
  return {
    name: 'guest image',
    isDone: findGuestImage,
    announce: async () => 'it is not there: building it from Debian packages, once (a minute or two)',
    do: async (report) => {
      const install = (packages: readonly string[], why: string) => installPackages(shell, packages, why, report)
      const { tag } = await ensureGuestImage({ shell, report, install })
      return `${tag} is built`
    },
  }
}

/** Says which image is there; undefined when there is none of today's recipe. @throws MachineError without an engine */
export async function findGuestImage(): Promise<string | undefined> {
  const docker = await dockerClient()
  try {
    return `${await requireGuestImage(docker)} is there`
  } catch (error) {
    if ((error as { code?: string }).code === 'image-missing') return undefined
    throw error
  }
}
