import { InputError } from '../../errors.ts'
import { openContainerEngine } from './container/container-engine.ts'
import { EmbeddedEngine } from './embedded/embedded-engine.ts'
import { type Engine, engineNames } from './engine.ts'

/** @throws InputError for a name that is none; MachineError when that engine is not there */
export async function openEngine(name: string): Promise<Engine> {
  if (name === 'container') return openContainerEngine()
  if (name === 'embedded') return new EmbeddedEngine()
  throw new InputError(`there is no engine "${name}"; there are: ${engineNames.join(', ')}`)
}
