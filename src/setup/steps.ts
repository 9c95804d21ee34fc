import { abortable } from '../concurrency/abortable.ts'
import { neverStopped } from '../shell/stopped-by.ts'

/** One requirement of a machine, and how to meet it. */
export interface SetupStep {
  readonly name: string
  /** Returns what meets the requirement. Undefined if nothing does. */
  check(): Promise<string | undefined>
  /** Returns the change that `apply` would make to this machine. */
  announce(): Promise<string>
  /** Meets the requirement, and returns what does. @throws MachineError with the remedy; the reason of the signal */
  apply(print: PrintLine, signal: AbortSignal): Promise<string>
}

/** Prints a line for people. */
export type PrintLine = (line: string) => void

/**
 * Meets requirements one by one, and prints a line with the time for each, also for one that was met before.
 *
 * @param lock acquired before the first change, so that two setups do not make it at once
 * @throws the reason of `signal`
 */
export async function runSteps(
  steps: readonly SetupStep[],
  print: PrintLine,
  lock: () => Promise<AsyncDisposable>,
  signal: AbortSignal = neverStopped,
): Promise<void> {
  const width = Math.max(...steps.map(({ name }) => name.length))
  await using held = new AsyncDisposableStack()
  let isLocked = false
  for (const step of steps) {
    const label = step.name.padEnd(width)
    const startedMs = performance.now()
    signal.throwIfAborted()
    let met = await abortable(step.check(), signal)
    if (met === undefined && !isLocked) {
      held.use(await lock())
      isLocked = true
      // Another setup can have met it while this one waited.
      met = await abortable(step.check(), signal)
    }
    if (met === undefined) {
      print(`${label}  ${await step.announce()} …`)
      met = await step.apply((line) => print(`${label}    ${line}`), signal)
    }
    print(`${label}  ${met}  (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`)
  }
}
