import type { Readable } from 'node:stream'
import { Capture } from './capture.ts'
import type { PreparedCommand } from './prepare-command.ts'
import { type Exit, type Process, stopProcess } from './process.ts'
import type { CommandOptions, CommandResult } from './shell.ts'

/** Options of all shells. */
export interface ShellOptions {
  /** The `where` of the shell. */
  readonly where: string
}

/** Default of `captureBytes`. */
const defaultCaptureBytes = 2 ** 20
/** Default of `maxOutputBytes`: more than a verbose runbook prints, and printed within seconds by a host that floods. */
const defaultMaxOutputBytes = 64 * 2 ** 20

/** Why a command is stopped: it reached a limit, or its caller no longer wants a result. */
type Interruption = { readonly ended: 'deadline' | 'stalled' | 'flooded' } | { readonly reason: unknown }

/**
 * Writes the input of a started process, stops it at its limits, and returns its result. The process has ended when it
 * has exited and its output is closed: children that keep its output open are part of it.
 * @throws the rejection of `exit`, the reason of `options.signal`, or an error of `onOutput`
 */
export async function awaitResult(
  process: Process,
  prepared: PreparedCommand,
  shell: ShellOptions,
  options: CommandOptions,
): Promise<CommandResult> {
  const interrupted = Promise.withResolvers<Interruption>()
  const abort = () => interrupted.resolve({ reason: options.signal?.reason })
  options.signal?.addEventListener('abort', abort)
  if (options.signal?.aborted) abort()
  const deadline = after(options.deadlineMs ?? 120_000, () => interrupted.resolve({ ended: 'deadline' }))
  const stall = after(options.stallMs ?? Number.POSITIVE_INFINITY, () => interrupted.resolve({ ended: 'stalled' }))

  const capture = (name: 'stdout' | 'stderr') => {
    const captured = new Capture(options.captureBytes ?? defaultCaptureBytes)
    const maxBytes = options.maxOutputBytes ?? defaultMaxOutputBytes
    const listen = (chunk: Uint8Array) => {
      stall.refresh()
      captured.add(chunk)
      if (captured.totalBytes > maxBytes) {
        unlisten()
        return interrupted.resolve({ ended: 'flooded' })
      }
      try {
        options.onOutput?.(chunk, name)
      } catch (reason) {
        interrupted.resolve({ reason })
      }
    }
    const unlisten = () => process[name].off('data', listen).resume()
    process[name].on('data', listen).on('error', (reason) => interrupted.resolve({ reason }))
    return { captured, ended: endOf(process[name]), unlisten }
  }
  const stdout = capture('stdout')
  const stderr = capture('stderr')
  // A command may end, or close its input, before it has read all of it.
  process.stdin.on('error', () => {})
  process.stdin.end(prepared.stdin)

  try {
    const over = Promise.all([process.exit, stdout.ended, stderr.ended]).then(([exit]) => exit)
    const outcome = await Promise.race([over, interrupted.promise])
    const isOver = 'exitCode' in outcome
    if (!isOver) await stopProcess(process, over, options.tidyMs)
    if ('reason' in outcome) throw outcome.reason
    return {
      where: shell.where,
      command: prepared.command,
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.mountNamespace === undefined ? {} : { mountNamespace: options.mountNamespace }),
      ...(isOver ? byItself(outcome) : { ended: outcome.ended, exitCode: null, signal: null }),
      stdout: stdout.captured.text(),
      stderr: stderr.captured.text(),
      durationMs: performance.now() - process.startedAt,
    }
  } finally {
    options.signal?.removeEventListener('abort', abort)
    clearTimeout(deadline)
    clearTimeout(stall)
    for (const { unlisten } of [stdout, stderr]) unlisten()
  }
}

function byItself(exit: Exit): Pick<CommandResult, 'ended' | 'exitCode' | 'signal'> {
  return { ended: exit.signal === null ? 'exited' : 'signaled', ...exit }
}

function endOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('end', resolve).once('close', resolve))
}

/** Starts a timer. Node fires timers beyond the maximum at once, so `ms` is capped. */
function after(ms: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, Math.min(ms, 2 ** 31 - 1))
}
