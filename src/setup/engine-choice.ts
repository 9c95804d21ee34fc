import { DrillError } from '../errors.ts'
import { type EngineName, engineNames } from '../lab/engine/engine.ts'
import type { Endpoint } from './endpoint.ts'
import { findEngine } from './engine.ts'
import type { Say } from './step.ts'

/** What a user asks for: an engine by its name, or whichever is there. */
export type EngineChoice = EngineName | 'auto'
export const engineChoices = ['auto', ...engineNames] as const

/** For `auto`: `container` where a container engine answers this user, else `embedded`, and says so. */
export async function chooseEngine(choice: EngineChoice, say: Say, places?: readonly Endpoint[]): Promise<EngineName> {
  if (choice !== 'auto') return choice
  try {
    if ((await findEngine(places)) !== undefined) return 'container'
    say('no container engine answers: labs are embedded')
  } catch (error) {
    if (!(error instanceof DrillError)) throw error
    say(`${error.message}: labs are embedded`)
  }
  return 'embedded'
}
