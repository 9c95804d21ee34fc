/** One thing that has to be there. Doing it when it is done already is asked for and does nothing. */
export interface Step {
  readonly name: string
  /** What is there; undefined when there is something to do. */
  isDone(): Promise<string | undefined>
  /** What is about to be done to this machine: said before it is done. */
  announce(): Promise<string>
  /** Does it, and says what is there now. @throws MachineError with the remedy */
  do(report: (line: string) => void): Promise<string>
}

/** Takes lines for a person to read. */
export type Say = (line: string) => void

/**
 * One line a step, with the time it took; what is done already is said too, as proof that it was looked at.
 * @param lock taken before the first step that has something to do, so that two set-ups do not do it at once
 */
export async function takeSteps(steps: readonly Step[], say: Say, lock: () => Promise<AsyncDisposable>): Promise<void> {
  const width = Math.max(...steps.map(({ name }) => name.length))
  await using held = new AsyncDisposableStack()
  let isLocked = false
  for (const step of steps) {
    const label = step.name.padEnd(width)
    const startedMs = performance.now()
    const tell = (what: string) => say(`${label}  ${what}  (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`)
    let there = await step.isDone()
    if (there === undefined && !isLocked) {
      held.use(await lock())
      isLocked = true
      // Another set-up may have done it while this one waited.
      there = await step.isDone()
    }
    if (there === undefined) {
      say(`${label}  ${await step.announce()} …`)
      there = await step.do((line) => say(`${label}    ${line}`))
    }
    tell(there)
  }
}
