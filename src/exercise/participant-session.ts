import { Transform } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { ClientChannel, PseudoTtyOptions, ServerChannel } from 'ssh2'
import { type CommandMark, CommandMarks } from './command-marks.ts'
import type { TerminalRecording } from './terminal-recording.ts'

/** A command that a participant ran, and how it ended. */
export interface TypedCommand {
  readonly command: string
  /** The beginning of what was piped into it. Empty on a terminal. */
  readonly input: string
  /** The end of its output, without control sequences. */
  readonly output: string
  /** Null if the session ended first. */
  readonly exitCode: number | null
}

export interface SessionEvents {
  readonly onCommand: (command: string) => void
  readonly onCommandEnd: (command: TypedCommand) => void
}

/** Maximum of a command's input and output in the journal. The recording has all of it. */
const maxTextBytes = 4 * 1024
/** Time for a command to end after its participant has left. */
const closeMs = 1000

/** Returns the end of an output as text, for people. */
class OutputTail {
  #text = ''

  add(chunk: Uint8Array): void {
    this.#text = (this.#text + Buffer.from(chunk).toString('utf8')).slice(-4 * maxTextBytes)
  }

  take(): string {
    const text = stripVTControlCharacters(this.#text).replaceAll('\r\n', '\n').trim().slice(-maxTextBytes)
    this.#text = ''
    return text
  }
}

/** Finds the commands of one session: those of an interactive shell by its marks, or the only one. */
export class SessionCommands {
  readonly #events: SessionEvents
  readonly #tail = new OutputTail()
  #current: string | undefined
  #input = ''

  /** @param only the command of a session without a shell */
  constructor(events: SessionEvents, only?: string) {
    this.#events = events
    if (only !== undefined) this.#begin(only)
  }

  output(chunk: Uint8Array): void {
    if (this.#current !== undefined) this.#tail.add(chunk)
  }

  input(chunk: Uint8Array): void {
    if (this.#input.length < maxTextBytes)
      this.#input = (this.#input + Buffer.from(chunk).toString('utf8')).slice(0, maxTextBytes)
  }

  take(mark: CommandMark): void {
    if (mark.kind === 'begun') this.#begin(mark.command)
    else this.#end(mark.exitCode, '')
  }

  /** Ends the session. */
  end(exitCode: number | null, hasTerminal: boolean): void {
    this.#end(exitCode, hasTerminal ? '' : this.#input)
  }

  #begin(command: string): void {
    this.#end(null, '')
    this.#current = command
    this.#tail.take()
    this.#events.onCommand(command)
  }

  #end(exitCode: number | null, input: string): void {
    if (this.#current === undefined) return
    const command = this.#current
    this.#current = undefined
    this.#events.onCommandEnd({ command, input, output: this.#tail.take(), exitCode })
  }
}

export interface BridgeOptions {
  readonly participant: ServerChannel
  readonly node: ClientChannel
  readonly recording: TerminalRecording
  readonly commands: SessionCommands
  /** Undefined without a terminal. */
  readonly pty?: PseudoTtyOptions | undefined
}

/**
 * Connects a participant with a command on a node, and records both directions, until the command ends or the participant
 * leaves. Returns the exit code. Null if there is none.
 */
export async function bridge({ participant, node, recording, commands, pty }: BridgeOptions): Promise<number | null> {
  const marks = new CommandMarks()
  let exit: { readonly code: number | null; readonly signal?: string } | undefined
  const takeExit = (code?: number | null, signal?: string): void => {
    if (code !== undefined) exit ??= { code, ...(signal && { signal }) }
  }
  node.on('exit', takeExit)
  const show = (bytes: Buffer): void => {
    recording.output(bytes)
    commands.output(bytes)
  }
  const output = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (const piece of pty === undefined ? [{ output: chunk }] : marks.push(chunk)) {
        if ('output' in piece) {
          show(piece.output)
          this.push(piece.output)
        } else {
          if (piece.mark.kind === 'begun') recording.mark(piece.mark.command)
          commands.take(piece.mark)
        }
      }
      done()
    },
    flush(done) {
      const rest = marks.end()
      if (rest.length > 0) {
        show(rest)
        this.push(rest)
      }
      done()
    },
  })
  const errors = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      show(chunk)
      done(null, chunk)
    },
  })
  const input = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      recording.input(chunk)
      commands.input(chunk)
      done(null, chunk)
    },
  })
  const ended = new Promise<void>((resolve) => {
    node.once('close', (code?: number | null, signal?: string) => {
      // The exit of a short command may have been read before this bridge listened. The close repeats it.
      takeExit(code, signal)
      resolve()
    })
    participant.once('close', () => {
      // What the node still prints is recorded.
      for (const stream of [output, errors]) stream.unpipe().resume()
      // A command without a terminal does not notice that its channel is closed.
      if (pty === undefined) node.signal('HUP')
      node.close()
      setTimeout(resolve, closeMs).unref()
    })
  })
  for (const stream of [participant, node, output, errors, input]) stream.on('error', () => {})
  participant.pipe(input).pipe(node)
  const drained = [output, errors].map((one) => new Promise<void>((resolve) => one.once('finish', resolve)))
  node.pipe(output).pipe(participant, { end: false })
  node.stderr.pipe(errors).pipe(participant.stderr, { end: false })
  await ended
  output.end()
  errors.end()
  await Promise.race([Promise.all(drained), new Promise((resolve) => setTimeout(resolve, closeMs).unref())])
  const code = exit?.code ?? null
  commands.end(code, pty !== undefined)
  try {
    if (exit?.signal !== undefined) participant.exit(exit.signal.replace(/^SIG/, ''), false, '')
    else participant.exit(code ?? 255)
    participant.end()
    participant.close()
  } catch {
    // The participant has left.
  }
  return code
}
