import { join } from 'node:path'
import type { EngineName } from '../lab/engine/engine.ts'
import { stateFolder } from '../localhost/state-folder.ts'
import { LocalShell } from '../shell/local.ts'
import type { Shell } from '../shell/shell.ts'
import { neverStopped, stoppedBy } from '../shell/stopped-by.ts'
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
 * @param signal ends it, once a running package manager has finished
 * @throws MachineError with the remedy, for a change that it may not or cannot make; the reason of the signal
 */
export async function setUp(purpose: Purpose, print: PrintLine, signal: AbortSignal = neverStopped): Promise<void> {
  const lock = () => lockSetup(join(stateFolder(), 'setup.lock'), print, signal)
  await runSteps(stepsFor(purpose, stoppedBy(new LocalShell(), signal)), print, lock, signal)
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
