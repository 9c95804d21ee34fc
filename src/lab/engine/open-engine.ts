import { InputError } from '../../errors.ts'
import { openContainerEngine } from './container/container-engine.ts'
import type { Engine } from './engine.ts'

/** @throws InputError for a name that is none; MachineError when that engine is not there */
export async function openEngine(name: string): Promise<Engine> {
  if (name === 'container') return openContainerEngine()
  throw new InputError(`there is no engine "${name}"; there is: container`)
}
