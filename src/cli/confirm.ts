import { once } from 'node:events'
import { createInterface } from 'node:readline/promises'
import { InputError } from '../errors.ts'

/**
 * Asks a person before the first change. Ctrl-C interrupts the command, and the end of the input is a no.
 * @throws InputError if standard input is not a terminal
 */
export async function confirm(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new InputError('confirmation required, but standard input is not a terminal', {
      remedy: 'Pass --yes, or run it interactively.',
    })
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    const closed = once(terminal, 'close').then(() => '')
    const answer = await Promise.race([terminal.question(`${question} [y/N] `, { signal }), closed])
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    signal.throwIfAborted()
    // Ctrl-D.
    if ((error as Error).name === 'AbortError') return false
    throw error
  } finally {
    terminal.close()
  }
}
