import { join } from 'node:path'
import type { ClientChannel, PseudoTtyOptions, ServerChannel } from 'ssh2'
import { bridge, SessionCommands, type TypedCommand } from './participant-session.ts'
import { type RecordingOptions, TerminalRecording } from './terminal-recording.ts'

/** A session of a person on a node. */
export interface SessionPlace {
  readonly person: string
  /** `recovery/compute-1` */
  readonly node: string
  /** The file of its recording, in the folder of recordings. */
  readonly recording: string
}

export interface GatewayListener {
  onBegin(place: SessionPlace): void
  /** @param digest of the recording. Undefined for an incomplete one */
  onEnd(place: SessionPlace, exitCode: number | null, digest: string | undefined): void
  onCommand(place: SessionPlace, command: string): void
  onCommandEnd(place: SessionPlace, command: TypedCommand): void
  /** A part of a session is not recorded. */
  onLoss(place: SessionPlace, why: string): void
}

/** What a client changes during a session. */
export interface SessionControls {
  onResize: (columns: number, rows: number) => void
  onSignal: (name: string) => void
}

export interface SessionRecording {
  /** The folder of all recordings. */
  readonly recordings: string
  readonly listener: GatewayListener
  readonly maxRecordingBytes?: number
  /** Undefined without a terminal. */
  readonly pty: PseudoTtyOptions | undefined
  /** The only command of the session. Undefined for a shell on a terminal. */
  readonly only: string | undefined
  readonly controls: SessionControls
  /** The terminals that announcements are printed on. */
  readonly terminals: Set<(text: string) => void>
}

/** Connects a participant with a command on a node, records the session, and reports its commands, until it ends. */
export async function recordSession(
  place: SessionPlace,
  participant: ServerChannel,
  node: ClientChannel,
  { recordings, listener, maxRecordingBytes, pty, only, controls, terminals }: SessionRecording,
): Promise<void> {
  const settings: RecordingOptions = {
    title: `${place.person} on ${place.node}${only === undefined ? '' : `: ${only}`}`,
    // A program without a window reports a size of 0.
    columns: pty?.cols || 80,
    rows: pty?.rows || 24,
    ...(maxRecordingBytes !== undefined && { maxBytes: maxRecordingBytes }),
    onLoss: (why) => listener.onLoss(place, why),
  }
  listener.onBegin(place)
  const recording = new TerminalRecording(join(recordings, place.recording), settings)
  const print = (text: string): void => {
    participant.write(text)
    recording.output(Buffer.from(text))
  }
  if (pty !== undefined) terminals.add(print)
  controls.onResize = (columns, rows) => {
    node.setWindow(rows, columns, 0, 0)
    recording.resize(columns, rows)
  }
  controls.onSignal = (name) => node.signal(name)
  const commands = new SessionCommands(
    {
      onCommand: (command) => listener.onCommand(place, command),
      onCommandEnd: (command) => listener.onCommandEnd(place, command),
    },
    only,
  )
  let exitCode: number | null = null
  try {
    exitCode = await bridge({ participant, node, recording, commands, pty })
  } finally {
    terminals.delete(print)
    recording[Symbol.dispose]()
    listener.onEnd(place, exitCode, recording.digest)
  }
}
