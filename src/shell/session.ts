import { constants } from 'node:os'
import type { Duplex, Readable } from 'node:stream'
import { abortable } from '../concurrency/abortable.ts'
import { graceMs, settledWithin } from './process.ts'
import type { Argv, CommandOptions } from './shell.ts'

export interface SessionOptions extends Pick<CommandOptions, 'user' | 'cwd' | 'env' | 'signal'> {
  /** Default: the user's login shell. */
  readonly command?: Argv
  /** Default: those of this process. */
  readonly input?: Readable
  readonly output?: NodeJS.WritableStream
  readonly errors?: NodeJS.WritableStream
  /** True for a pseudo terminal. Default: true if our input and output are a terminal. */
  readonly isTerminal?: boolean
}

export const loginShell: Argv = ['sh', '-c', 'exec "${SHELL:-sh}" -l']

interface SessionChannel extends Duplex {
  readonly stderr: Readable
  setWindow(rows: number, columns: number, height: number, width: number): void
  /** Asks the host to signal the command: HUP, TERM, KILL … */
  signal(name: string): void
  close(): void
}

/**
 * Returns the settings of a pseudo terminal that fits ours. Undefined if our side is a file or a program: a terminal has
 * no end of input, and changes the bytes that pass through it.
 */
export function ptyOf({ input = process.stdin, output = process.stdout, isTerminal }: SessionOptions) {
  if (!(isTerminal ?? (isTty(input) && isTty(output)))) return undefined
  const { rows, columns } = sizeOf(output)
  return { term: process.env.TERM ?? 'vt100', rows, cols: columns, height: 0, width: 0 }
}

/**
 * Connects a channel to our streams until it closes or `options.signal` is aborted, and then restores our terminal.
 * Returns the exit code (128 + n if signal n ended the command), or undefined if the host reported none.
 * @param hasPty true if the channel has a pseudo terminal at its other end
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
  const onExit = (code: number | null, name: NodeJS.Signals | null) => {
    exitCode = code ?? 128 + (constants.signals[name ?? 'SIGKILL'] ?? 0)
  }
  channel.once('exit', onExit)
  const closed = new Promise<void>((resolve) =>
    channel.once('close', (code?: number | null, name: NodeJS.Signals | null = null) => {
      // A command that ends at once may have ended before anyone listened.
      if (code !== undefined) onExit(code, name)
      resolve()
    }),
  )
  channel.on('error', hangUp)
  // Of a terminal whose window was closed.
  input.on('error', hangUp)
  if (hasPty) output.on('resize', resize)
  terminal?.setRawMode(true)
  input.pipe(channel)
  channel.pipe(output, { end: false })
  channel.stderr.pipe(errors, { end: false })
  try {
    await abortable(closed, signal)
    return exitCode
  } catch (reason) {
    await end(channel, hasPty, closed)
    throw reason
  } finally {
    input.unpipe(channel)
    input.pause()
    terminal?.setRawMode(false)
    output.off('resize', resize)
    input.off('error', hangUp)
  }
}

/** Ends a command with its channel. Without a pseudo terminal, it would not notice that the channel is closed. */
async function end(channel: SessionChannel, hasPty: boolean, closed: Promise<void>): Promise<void> {
  for (const name of hasPty ? [] : ['TERM', 'KILL']) {
    channel.signal(name)
    if (await settledWithin(graceMs, closed)) return
  }
  channel.close()
  await settledWithin(graceMs, closed)
}

const isTty = (stream: Readable | NodeJS.WritableStream) => (stream as Partial<NodeJS.WriteStream>).isTTY === true

/** The size of our terminal. Default: 80 × 24. */
function sizeOf(output: NodeJS.WritableStream): { readonly rows: number; readonly columns: number } {
  const { rows = 24, columns = 80 } = output as Partial<NodeJS.WriteStream>
  return { rows, columns }
}
