import { InputError } from '../../errors.ts'
import { EmbeddedEngine } from './embedded/embedded-engine.ts'
import { type Engine, engineNames } from './engine.ts'

/** Opens an engine by its name. @throws InputError for an unknown name; MachineError if the engine is missing */
export async function openEngine(name: string): Promise<Engine> {
  // The client of a container engine is large, so it is loaded only when needed.
  if (name === 'container') return (await import('./container/container-engine.ts')).openContainerEngine()
  if (name === 'embedded') return new EmbeddedEngine()
  throw new InputError(`unknown engine "${name}" (engines: ${engineNames.join(', ')})`)
}
