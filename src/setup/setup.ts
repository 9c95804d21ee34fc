import { join } from 'node:path'
import type { EngineName } from '../lab/engine/engine.ts'
import { stateFolder } from '../lab/registry/ledger.ts'
import { LocalShell } from '../shell/local.ts'
import type { Shell } from '../shell/shell.ts'
import { engineStep } from './engine.ts'
import { guestImageStep } from './guest-image.ts'
import { namespacesStep } from './namespaces.ts'
import { lockSetup } from './setup-lock.ts'
import { type Say, type Step, takeSteps } from './step.ts'
import { testToolsStep } from './test-tools.ts'

/** What a machine can be made ready for: labs on an engine, or the project's own tests and benchmarks. */
export type Purpose = EngineName | 'tests'

/**
 * Makes sure that this machine is ready, and says what it does to it before it does it. What is done costs a moment the
 * second time.
 * @param signal ends the waiting. A package manager that is at work is left to finish: it must not be cut off halfway
 * @throws MachineError with the remedy, for what it may not or cannot do
 */
export async function setUp(purpose: Purpose, say: Say, signal?: AbortSignal): Promise<void> {
  const work = takeSteps(stepsFor(purpose, new LocalShell()), say, () =>
    lockSetup(join(stateFolder(), 'setup.lock'), say),
  )
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

function stepsFor(purpose: Purpose, shell: Shell): readonly Step[] {
  switch (purpose) {
    case 'container':
      return [engineStep(shell), guestImageStep(purpose, shell)]
    case 'embedded':
      return [namespacesStep(), guestImageStep(purpose, shell)]
    case 'tests':
      return [testToolsStep(shell)]
  }
}
