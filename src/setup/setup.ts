import { join } from 'node:path'
import type { EngineName } from '../lab/engine/engine.ts'
import { stateFolder } from '../lab/registry/ledger.ts'
import { LocalShell } from '../shell/local.ts'
import type { Shell } from '../shell/shell.ts'
import { guestImageStep } from './guest-image.ts'
import { containerEngineStep } from './prepare-container-engine.ts'
import { embeddedEngineStep } from './prepare-embedded-engine.ts'
import { lockSetup } from './setup-lock.ts'
import { type PrintLine, runSteps, type SetupStep } from './steps.ts'
import { testToolsStep } from './test-tools.ts'

/** What to prepare a machine for: labs on an engine, or the project's own tests and benchmarks. */
export type Purpose = EngineName | 'tests'

/**
 * Prepares this machine, and prints each change before it makes it. A second setup changes nothing.
 *
 * @param signal ends the waiting; a running package manager is not interrupted
 * @throws MachineError with the remedy, for a change that it may not or cannot make
 */
export async function setUp(purpose: Purpose, print: PrintLine, signal?: AbortSignal): Promise<void> {
  const work = runSteps(stepsFor(purpose, new LocalShell()), print, () =>
    lockSetup(join(stateFolder(), 'setup.lock'), print),
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

function stepsFor(purpose: Purpose, shell: Shell): readonly SetupStep[] {
  switch (purpose) {
    case 'container':
      return [containerEngineStep(shell), guestImageStep(purpose, shell)]
    case 'embedded':
      return [embeddedEngineStep(), guestImageStep(purpose, shell)]
    case 'tests':
      return [testToolsStep(shell)]
  }
}
