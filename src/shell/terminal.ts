import { constants } from 'node:os'
import type { Duplex, Readable } from 'node:stream'
import type { Argv, CommandOptions } from './shell.ts'

export interface TerminalOptions extends Pick<CommandOptions, 'user' | 'cwd' | 'env' | 'signal'> {
  /** Default: the user's login shell. */
  readonly command?: Argv
  /** Default: our own. */
  readonly input?: Readable
  readonly output?: NodeJS.WritableStream
}

export const loginShell: Argv = ['sh', '-c', 'exec "${SHELL:-sh}" -l']

/** A channel with a pseudo terminal on its other end. */
interface TerminalChannel extends Duplex {
  setWindow(rows: number, columns: number, height: number, width: number): void
  close(): void
}

/** What a pseudo terminal must be like to fit ours. */
export function ptyOf({ output = process.stdout }: TerminalOptions) {
  const { rows, columns } = sizeOf(output)
  return { term: process.env.TERM ?? 'vt100', rows, cols: columns, height: 0, width: 0 }
}

/**
 * Connects a channel and our terminal until the channel closes or `options.signal` is aborted, and puts our terminal
 * back into the state it was in. Settles with the exit code (128 and the signal's number if a signal ended it);
 * undefined when there was none.
 * @throws the reason of `options.signal`
 */
export async function attach(channel: TerminalChannel, options: TerminalOptions): Promise<number | undefined> {
  const { input = process.stdin, output = process.stdout, signal } = options
  const terminal = input === process.stdin && process.stdin.isTTY ? process.stdin : undefined
  const resize = () => {
    const { rows, columns } = sizeOf(output)
    channel.setWindow(rows, columns, 0, 0)
  }
  const hangUp = () => channel.close()

  let exitCode: number | undefined
  channel.once('exit', (code: number | null, name: NodeJS.Signals | null) => {
    exitCode = code ?? 128 + (constants.signals[name ?? 'SIGKILL'] ?? 0)
  })
  const closed = new Promise<void>((resolve) => channel.once('close', resolve))
  channel.on('error', hangUp)
  signal?.addEventListener('abort', hangUp)
  output.on('resize', resize)
  terminal?.setRawMode(true)
  input.pipe(channel)
  channel.pipe(output, { end: false })
  try {
    if (signal?.aborted) hangUp()
    await closed
    signal?.throwIfAborted()
    return exitCode
  } finally {
    input.unpipe(channel)
    input.pause()
    terminal?.setRawMode(false)
    output.off('resize', resize)
    signal?.removeEventListener('abort', hangUp)
  }
}

/** Our terminal's size; the smallest usual one when we have none. */
function sizeOf(output: NodeJS.WritableStream): { readonly rows: number; readonly columns: number } {
  const { rows = 24, columns = 80 } = output as Partial<NodeJS.WriteStream>
  return { rows, columns }
}
