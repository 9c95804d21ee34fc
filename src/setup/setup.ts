import { join } from 'node:path'
import type { EngineName } from '../lab/engine/engine.ts'
import { stateFolder } from '../lab/ledger.ts'
import { LocalShell } from '../shell/local.ts'
import { engineStep } from './engine.ts'
import { guestImageStep } from './guest-image.ts'
import { namespacesStep } from './namespaces.ts'
import { lockSetup } from './setup-lock.ts'
import { type Say, takeSteps } from './step.ts'

/**
 * Makes sure that a lab can be brought up here on this engine, and says what it does to this machine before it does it. What is done
 * costs a moment the second time.
 * @param signal ends the waiting. A package manager that is at work is left to finish: it must not be cut off halfway
 * @throws MachineError with the remedy, for what it may not or cannot do
 */
export async function setUp(engine: EngineName, say: Say, signal?: AbortSignal): Promise<void> {
  const shell = new LocalShell()
  const first = engine === 'container' ? engineStep(shell) : namespacesStep()
  const steps = [first, guestImageStep(engine, shell)]
  const work = takeSteps(steps, say, () => lockSetup(join(stateFolder(), 'setup.lock'), say))
  if (signal === undefined) return work
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
