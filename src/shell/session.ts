import { constants } from 'node:os'
import type { Duplex, Readable } from 'node:stream'
import type { Argv, CommandOptions } from './shell.ts'

export interface SessionOptions extends Pick<CommandOptions, 'user' | 'cwd' | 'env' | 'signal'> {
  /** Default: the user's login shell. */
  readonly command?: Argv
  /** Default: our own. */
  readonly input?: Readable
  readonly output?: NodeJS.WritableStream
  readonly errors?: NodeJS.WritableStream
  /** Whether it gets a pseudo terminal. Default: where our input and output are one. */
  readonly isTerminal?: boolean
}

export const loginShell: Argv = ['sh', '-c', 'exec "${SHELL:-sh}" -l']

interface SessionChannel extends Duplex {
  readonly stderr: Readable
  setWindow(rows: number, columns: number, height: number, width: number): void
  close(): void
}

/**
 * What a pseudo terminal must be like to fit ours; undefined where there is to be none: it knows no end of its input, and
 * changes what goes through it, so that no file and no other program could be on our side of it.
 */
export function ptyOf({ input = process.stdin, output = process.stdout, isTerminal }: SessionOptions) {
  if (!(isTerminal ?? (isTty(input) && isTty(output)))) return undefined
  const { rows, columns } = sizeOf(output)
  return { term: process.env.TERM ?? 'vt100', rows, cols: columns, height: 0, width: 0 }
}

/**
 * Connects a channel and our own streams until the channel closes or `options.signal` is aborted, and puts our terminal
 * back into the state it was in. Settles with the exit code (128 and the signal's number if a signal ended it);
 * undefined when there was none.
 * @param hasPty the channel has a pseudo terminal on its other end
 * @throws the reason of `options.signal`
 */
export async function attach(
  channel: SessionChannel,
  hasPty: boolean,
  options: SessionOptions,
): Promise<number | undefined> {
  const { input = process.stdin, output = process.stdout, errors = process.stderr, signal } = options
  const terminal = hasPty && input === process.stdin && process.stdin.isTTY ? process.stdin : undefined
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
  if (hasPty) output.on('resize', resize)
  terminal?.setRawMode(true)
  input.pipe(channel)
  channel.pipe(output, { end: false })
  channel.stderr.pipe(errors, { end: false })
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

const isTty = (stream: Readable | NodeJS.WritableStream) => (stream as Partial<NodeJS.WriteStream>).isTTY === true

/** Our terminal's size; the smallest usual one when we have none. */
function sizeOf(output: NodeJS.WritableStream): { readonly rows: number; readonly columns: number } {
  const { rows = 24, columns = 80 } = output as Partial<NodeJS.WriteStream>
  return { rows, columns }
}
