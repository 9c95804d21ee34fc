import { DrillError } from '../errors.ts'
import { ignoresHangUp } from '../localhost/hang-up.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A terminal and a launcher such as npm may both deliver the same Ctrl-C within this time. */
const duplicateMs = 250

/** Time in which an interrupted process must have cleaned up. What it leaves behind then, its leases remove. */
const cleanUpMs = 300_000

export interface InterruptOptions {
  /** Called on the first signal: stop and clean up. */
  readonly first: (error: DrillError, signal: NodeJS.Signals) => void
  /** Called on a later signal: quit without cleaning up. */
  readonly second: (error: DrillError, signal: NodeJS.Signals) => void
}

/** The work that a signal interrupts, the newest last. Signals are sent to a process, so a process has one list. */
const works: InterruptOptions[] = []
let firstAtMs: number | undefined
let interruption: DrillError | undefined
let isListening = false

/** Why this process is to end. Undefined if nothing has interrupted it. */
export function interruptedBy(): DrillError | undefined {
  return interruption
}

/**
 * Listens to Ctrl-C and other signals to end, for as long as this process lives. A signal ends the process with 130
 * immediately, unless `onInterrupt` has registered work to stop. A process that was started by nohup ignores SIGHUP.
 */
export function listenToSignals(): void {
  if (isListening) return
  isListening = true
  for (const signal of signals)
    process.on(signal, signal === 'SIGHUP' && ignoresHangUp() ? () => {} : () => receive(signal))
}

/** Stops the work of this process for another reason, as the first signal does. Has no effect after a signal. */
export function stopWork(error: DrillError): void {
  if (interruption === undefined) begin(error, 'SIGTERM')
}

/**
 * Handles signals to end until disposed of, instead of what was registered before. If there was one, the process is about
 * to exit then, and a later signal makes it exit with 130 immediately.
 */
export function onInterrupt(options: InterruptOptions): Disposable {
  listenToSignals()
  works.push(options)
  return {
    [Symbol.dispose]: () => {
      const index = works.indexOf(options)
      if (index >= 0) works.splice(index, 1)
    },
  }
}

/** A signal that is aborted by the first signal to end, until disposed of. The second one quits immediately. */
export function interruptible(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController()
  if (interruption !== undefined) controller.abort(interruption)
  const handling = onInterrupt({ first: (error) => controller.abort(error), second: () => process.exit(130) })
  return { signal: controller.signal, [Symbol.dispose]: () => handling[Symbol.dispose]() }
}

function begin(error: DrillError, signal: NodeJS.Signals): void {
  firstAtMs = performance.now()
  interruption = error
  works.at(-1)?.first(error, signal)
  // A terminal that is closed sends no second Ctrl-C.
  setTimeout(() => process.exit(130), cleanUpMs).unref()
}

function receive(signal: NodeJS.Signals): void {
  const work = works.at(-1)
  const nowMs = performance.now()
  if (firstAtMs === undefined) {
    // Nothing was started that would have to be cleaned up.
    if (work === undefined) process.exit(130)
    begin(new DrillError('interrupted', 'interrupted', `interrupted by ${signal}`), signal)
  } else if (nowMs - firstAtMs > duplicateMs) {
    if (work === undefined) process.exit(130)
    work.second(
      new DrillError('interrupted', 'interrupted', `interrupted again by ${signal} while cleaning up`),
      signal,
    )
  }
}
