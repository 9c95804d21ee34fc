import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { setImmediate } from 'node:timers/promises'
import { isatty } from 'node:tty'
import { DrillError, InputError } from '../errors.ts'
import { stopWork } from '../run/interrupts.ts'

/**
 * Asks a person before the first change. Ctrl-C interrupts the command, and the end of the input is a no.
 * @throws InputError if standard input is not a terminal
 */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new InputError('confirmation required, but standard input is not a terminal', {
      remedy: 'Pass --yes, or run it interactively.',
    })
  // The terminal itself edits the line. Node.js would print control sequences to do so.
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
  // Of a terminal whose window was closed.
  const fail = (cause: Error) =>
    stopWork(new DrillError('interrupted', 'interrupted', `cannot read the answer: ${cause.message}`, { cause }))
  process.stdin.on('error', fail)
  try {
    const closed = once(terminal, 'close').then(() => '')
    const answer = await Promise.race([terminal.question(`${question} [y/N] `, { signal }), closed])
    // A terminal that is closed ends the input as well, before its signal is heard.
    if (!isatty(0)) fail(new Error('the terminal was closed'))
    await setImmediate()
    signal.throwIfAborted()
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    signal.throwIfAborted()
    // Ctrl-D.
    if ((error as Error).name === 'AbortError') return false
    throw error
  } finally {
    terminal.close()
    // An error that comes later means nothing.
    process.stdin.off('error', fail).on('error', () => {})
  }
}
