import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { MachineError } from '../src/errors.ts'

/**
 * Runs a baseline script, and returns its output. When the signal is aborted, it stops the script and waits until it has
 * cleaned up.
 * @throws the signal's reason; MachineError if the script fails
 */
export async function runScript(argv: readonly [string, ...string[]], signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const [program, ...args] = argv
  // The script has its own process group, so that Ctrl-C in a terminal reaches it only once, through us.
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
