import { DrillError } from '../errors.ts'
import { type EngineName, engineNames } from '../lab/engine/engine.ts'
import type { Endpoint } from './endpoint.ts'
import { findContainerEngine } from './prepare-container-engine.ts'
import type { PrintLine } from './steps.ts'

/** An engine by its name, or the one that is available. */
export type EngineChoice = EngineName | 'auto'
export const engineChoices = ['auto', ...engineNames] as const

/** Returns, for `auto`, `container` if a container engine answers this user; else prints why not, and returns `embedded`. */
export async function chooseEngine(
  choice: EngineChoice,
  print: PrintLine,
  places?: readonly Endpoint[],
): Promise<EngineName> {
  if (choice !== 'auto') return choice
  try {
    if ((await findContainerEngine(places)) !== undefined) return 'container'
    print('no container engine answers; using the embedded engine')
  } catch (error) {
    if (!(error instanceof DrillError)) throw error
    print(`${error.message}; using the embedded engine`)
  }
  return 'embedded'
}
