import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { MachineError } from '../src/errors.ts'

/**
 * Runs a baseline and returns what it printed. An abort asks it to end and waits until it has: it cleans up itself.
 * @throws the signal's reason; MachineError when the script fails
 */
export async function runScript(argv: readonly [string, ...string[]], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const [program, ...args] = argv
  // A group of its own: Ctrl-C on a terminal reaches it through us only, and once.
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const end = () => child.kill('SIGTERM')
  signal.addEventListener('abort', end, { once: true })
  try {
    const [output, errors, [exitCode]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    signal.throwIfAborted()
    if (exitCode !== 0)
      throw new MachineError('baseline-failed', `the baseline ${args[0]} exited with ${exitCode}:\n${errors.trim()}`)
    return output
  } finally {
    signal.removeEventListener('abort', end)
  }
}
