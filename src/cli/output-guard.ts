import { terminalText } from '../text/control-sequences.ts'
import { printableLines } from '../text/printable.ts'

/**
 * Cleans every text that is written to a stream, so that no name or message of a target, a host or a plan reaches a
 * terminal as it is. Bytes, such as those of a session in a machine, pass unchanged.
 */
export function guardOutput(stream: Pick<NodeJS.WriteStream, 'write'>): void {
  const write = stream.write.bind(stream) as (...args: readonly unknown[]) => boolean
  stream.write = ((chunk: unknown, ...others: readonly unknown[]) =>
    write(typeof chunk === 'string' ? cleaned(chunk) : chunk, ...others)) as typeof stream.write
}

/** In a job of GitHub Actions, a line that begins with the first, or contains the second, is a command to the runner. */
const workflowCommand = /^(\s*):(?=:)|()#(?=#\[)/gm

/**
 * Returns text with all hostile characters escaped, but for dr-drill's own control sequences.
 * @param environment of the process: in GitHub Actions, workflow commands are escaped as well
 */
export function cleaned(text: string, environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const safe = terminalText(text, printableLines)
  if (environment.GITHUB_ACTIONS !== 'true') return safe
  return safe.replaceAll(workflowCommand, (found, blanks: string | undefined) =>
    found.endsWith(':') ? `${blanks}\\u003a` : '\\u0023',
  )
}
