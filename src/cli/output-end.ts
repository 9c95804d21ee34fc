import { DrillError, MachineError } from '../errors.ts'
import { stopWork } from '../run/interrupts.ts'

/** The code of the error for a reader like `head`, which closes the pipe when it has read enough, or a closed terminal. */
export const outputClosed = 'output-closed'

const closedCodes: ReadonlySet<string | undefined> = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ENXIO'])

/** Stops the command when its output can no longer be written, so that it still cleans up. */
export function listenToOutput(): void {
  process.stdout.on('error', (cause: NodeJS.ErrnoException) =>
    stopWork(
      closedCodes.has(cause.code)
        ? new DrillError('interrupted', outputClosed, 'standard output was closed', { cause })
        : new MachineError('output-failed', `cannot write to standard output: ${cause.message}`, { cause }),
    ),
  )
  // Without it, there is nowhere to report anything.
  process.stderr.on('error', () => {})
}
