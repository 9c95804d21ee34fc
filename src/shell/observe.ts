import { tmpdir } from 'node:os'
import type { Readable } from 'node:stream'
import { Capture } from './capture.ts'
import { type Exit, type Process, stop } from './process.ts'
import type { CommandOptions, CommandResult } from './shell.ts'
import type { Invocation } from './wrap.ts'

export interface Place {
  /** The `where` of the shell. */
  readonly where: string
  /**
   * Where output goes that is more than `captureBytes`. Default: the folder for temporary files; nowhere for a command
   * whose output is taken by `onOutput`.
   */
  readonly overflowFolder?: string | undefined
}

/** Why a command does not run to its end: one of its limits, or something that makes its result pointless. */
type Interruption = { readonly ended: 'deadline' | 'stalled' } | { readonly reason: unknown }

/**
 * Feeds a started process, watches it against its limits, and tells how it went. It is over when it has exited *and*
 * its output is closed: what it left running with that output open is still part of it.
 * @throws what `exit` rejects with, the reason of `options.signal`, and what `onOutput` throws
 */
export async function observe(
  process: Process,
  invocation: Invocation,
  place: Place,
  options: CommandOptions,
): Promise<CommandResult> {
  const interrupted = Promise.withResolvers<Interruption>()
  const abort = () => interrupted.resolve({ reason: options.signal?.reason })
  options.signal?.addEventListener('abort', abort)
  if (options.signal?.aborted) abort()
  const deadline = after(options.deadlineMs ?? 120_000, () => interrupted.resolve({ ended: 'deadline' }))
  const stall = after(options.stallMs ?? Number.POSITIVE_INFINITY, () => interrupted.resolve({ ended: 'stalled' }))

  const capture = (name: 'stdout' | 'stderr') => {
    const maxBytes = options.captureBytes ?? 1024 * 1024
    const folder = place.overflowFolder ?? (options.onOutput === undefined ? tmpdir() : undefined)
    const captured = new Capture({ maxBytes, folder, name })
    const listen = (chunk: Uint8Array) => {
      stall.refresh()
      try {
        captured.add(chunk)
        options.onOutput?.(chunk, name)
      } catch (reason) {
        interrupted.resolve({ reason })
      }
    }
    process[name].on('data', listen).on('error', (reason) => interrupted.resolve({ reason }))
    return { captured, ended: endOf(process[name]), unlisten: () => process[name].off('data', listen).resume() }
  }
  const stdout = capture('stdout')
  const stderr = capture('stderr')
  // A command may well end, or close its input, without having read it.
  process.stdin.on('error', () => {})
  process.stdin.end(invocation.stdin)

  let hasResult = false
  try {
    const over = Promise.all([process.exit, stdout.ended, stderr.ended]).then(([exit]) => exit)
    const outcome = await Promise.race([over, interrupted.promise])
    const isOver = 'exitCode' in outcome
    if (!isOver) await stop(process, over, options.tidyMs)
    if ('reason' in outcome) throw outcome.reason
    hasResult = true
    const overflow = {
      ...(stdout.captured.overflow === undefined ? {} : { stdout: stdout.captured.overflow }),
      ...(stderr.captured.overflow === undefined ? {} : { stderr: stderr.captured.overflow }),
    }
    return {
      where: place.where,
      command: invocation.command,
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.mountNamespace === undefined ? {} : { mountNamespace: options.mountNamespace }),
      ...(isOver ? byItself(outcome) : { ended: outcome.ended, exitCode: null, signal: null }),
      stdout: stdout.captured.text(),
      stderr: stderr.captured.text(),
      ...(Object.keys(overflow).length === 0 ? {} : { overflow }),
      durationMs: performance.now() - process.startedAt,
    }
  } finally {
    options.signal?.removeEventListener('abort', abort)
    clearTimeout(deadline)
    clearTimeout(stall)
    for (const { captured, unlisten } of [stdout, stderr]) {
      unlisten()
      captured.close()
      if (!hasResult) captured.discard()
    }
  }
}

function byItself(exit: Exit): Pick<CommandResult, 'ended' | 'exitCode' | 'signal'> {
  return { ended: exit.signal === null ? 'exited' : 'signalled', ...exit }
}

function endOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('end', resolve).once('close', resolve))
}

/** A timer; as long as timers can be if `ms` is longer (they fire at once otherwise). */
function after(ms: number, act: () => void): NodeJS.Timeout {
  return setTimeout(act, Math.min(ms, 2 ** 31 - 1))
}
