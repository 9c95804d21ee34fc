import { InputError } from '../../errors.ts'
import { EmbeddedEngine } from './embedded/embedded-engine.ts'
import { type Engine, engineNames } from './engine.ts'

/** @throws InputError for a name that is none; MachineError when that engine is not there */
export async function openEngine(name: string): Promise<Engine> {
  // Its client is more code than all of ours, and is not waited for where there is no need of it.
  if (name === 'container') return (await import('./container/container-engine.ts')).openContainerEngine()
  if (name === 'embedded') return new EmbeddedEngine()
  throw new InputError(`there is no engine "${name}"; there are: ${engineNames.join(', ')}`)
}
