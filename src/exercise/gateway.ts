import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import ssh2, {
  type AuthContext,
  type ParsedKey,
  type PseudoTtyOptions,
  type Session,
  type Connection as SshServerClient,
} from 'ssh2'
import { MachineError } from '../errors.ts'
import type { KeyPair } from '../shell/key-pair.ts'
import type { Connection } from '../shell/ssh-connection.ts'
import { bridge, SessionCommands, type SessionEvents } from './participant-session.ts'
import { type RecordingOptions, TerminalRecording } from './terminal-recording.ts'

const { Server, utils } = ssh2

/** The name by which participants reach the exercise itself: `ssh exercise verify`. */
export const deskName = 'exercise'

/** A person with a key. */
export interface GatewayPerson {
  readonly name: string
  readonly publicKey: string
  /** The names of the nodes that the person may enter. */
  readonly nodes: ReadonlySet<string>
}

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
  onEnd(place: SessionPlace, exitCode: number | null): void
  onCommand(place: SessionPlace, command: string): void
  onCommandEnd(place: SessionPlace, command: Parameters<SessionEvents['onCommandEnd']>[0]): void
  /** A part of a session is not recorded. */
  onLoss(place: SessionPlace, why: string): void
}

export interface GatewayOptions {
  readonly hostKey: KeyPair
  readonly people: readonly GatewayPerson[]
  /** Returns the full name of a node, e.g. `recovery/compute-1`. Undefined for an unknown one. */
  readonly whereOf: (node: string) => string | undefined
  /** Connects to a node as a person. */
  readonly connect: (node: string, person: string, signal: AbortSignal) => Promise<Connection>
  /** Answers a command to the exercise itself. */
  readonly desk: (
    person: string,
    words: readonly string[],
  ) => Promise<{ readonly text: string; readonly exitCode: number }>
  /** The folder of all recordings. */
  readonly recordings: string
  /** Printed by ssh before each session. */
  readonly notice: string
  /** The address to listen on. Default: 127.0.0.1. */
  readonly address?: string
  readonly listener: GatewayListener
  /** For tests. */
  readonly maxRecordingBytes?: number
}

const connectTimeoutMs = 60_000

/**
 * An SSH server between the participants and the nodes. A key identifies a person, and the user name in a login names the
 * node. Everything that passes through is recorded here, where nothing on a node can reach it.
 */
export class Gateway implements AsyncDisposable {
  readonly #options: GatewayOptions
  readonly #server: InstanceType<typeof Server>
  readonly #clients = new Set<SshServerClient>()
  readonly #connections = new Set<Connection>()
  readonly #terminals = new Set<(text: string) => void>()
  readonly #sessions = new Set<Promise<void>>()
  readonly #closed = new AbortController()
  #isPaused = false
  #count = 0

  private constructor(options: GatewayOptions) {
    this.#options = options
    const keys = options.people.map((person) => ({ person, key: parsedKey(person.publicKey) }))
    this.#server = new Server(
      { hostKeys: [options.hostKey.privateKey], ident: 'dr-drill', banner: `${options.notice}\n` },
      (client) => this.#welcome(client, keys),
    )
  }

  /** @throws MachineError if the address cannot be listened on */
  static async open(options: GatewayOptions): Promise<Gateway> {
    mkdirSync(options.recordings, { recursive: true, mode: 0o700 })
    const gateway = new Gateway(options)
    const { address = '127.0.0.1' } = options
    gateway.#server.listen(0, address)
    try {
      await once(gateway.#server, 'listening')
    } catch (cause) {
      throw new MachineError('cannot-listen', `cannot listen on ${address}: ${(cause as Error).message}`, {
        cause,
        remedy: 'Pass an address of this machine: --listen ADDRESS',
      })
    }
    gateway.#server.on('error', () => {})
    return gateway
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Prints a text on the terminals of all participants. */
  announce(text: string): void {
    for (const print of this.#terminals) print(`\r\n${text.replaceAll('\n', '\r\n')}\r\n`)
  }

  /** While the exercise is paused, no new session begins. */
  set isPaused(isPaused: boolean) {
    this.#isPaused = isPaused
  }

  /** Ends all sessions, and waits until their recordings are complete. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(new Error('the exercise has ended'))
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const client of this.#clients) client.end()
    for (const connection of this.#connections) connection.drop()
    await Promise.race([
      Promise.all([...this.#sessions, closed]),
      new Promise((resolve) => setTimeout(resolve, 5000).unref()),
    ])
  }

  #welcome(client: SshServerClient, keys: readonly { person: GatewayPerson; key: ParsedKey }[]): void {
    this.#clients.add(client)
    client.on('error', () => {})
    client.on('close', () => this.#clients.delete(client))
    let login: { readonly person: GatewayPerson; readonly node: string } | undefined
    client.on('authentication', (context) => {
      const person = personOf(context, keys)
      if (person === undefined) {
        context.reject(['publickey'])
        return
      }
      // The client first asks whether the key would do, without a signature.
      if (context.method === 'publickey' && context.signature !== undefined) login = { person, node: context.username }
      context.accept()
    })
    client.on('ready', () => {
      client.on('session', (accept) => {
        if (login !== undefined) this.#serve(accept(), login.person, login.node)
      })
    })
  }

  #serve(session: Session, person: GatewayPerson, node: string): void {
    let pty: PseudoTtyOptions | undefined
    let resize: (columns: number, rows: number) => void = () => {}
    let signal: (name: string) => void = () => {}
    session.on('pty', (accept, _reject, { cols, rows, term }) => {
      pty = { cols, rows, height: 0, width: 0, term: term ?? 'xterm' }
      accept?.()
    })
    session.on('env', (accept) => accept?.())
    session.on('window-change', (accept, _reject, { cols, rows }) => {
      resize(cols, rows)
      accept?.()
    })
    session.on('signal', (accept, _reject, { name }) => {
      signal(name)
      accept?.()
    })
    const begin = (channel: Parameters<typeof bridge>[0]['participant'], command?: string, label?: string) => {
      const serving = this.#answer(channel, { person, node, pty, command, label }, (onResize, onSignal) => {
        resize = onResize
        signal = onSignal
      }).catch((error: Error) => {
        channel.stderr.write(`${error.message}\n`)
        channel.exit(255)
        channel.end()
        channel.close()
      })
      this.#sessions.add(serving)
      void serving.finally(() => this.#sessions.delete(serving))
    }
    session.on('shell', (accept) => begin(accept()))
    session.on('exec', (accept, _reject, { command }) => begin(accept(), command))
    session.on('subsystem', (accept, reject, { name }) => {
      if (name === 'sftp' && node !== deskName) begin(accept(), 'exec /usr/lib/openssh/sftp-server', 'sftp')
      else reject?.()
    })
  }

  async #answer(
    channel: Parameters<typeof bridge>[0]['participant'],
    request: {
      readonly person: GatewayPerson
      readonly node: string
      readonly pty: PseudoTtyOptions | undefined
      readonly command: string | undefined
      readonly label: string | undefined
    },
    follow: (resize: (columns: number, rows: number) => void, signal: (name: string) => void) => void,
  ): Promise<void> {
    const { person, node, pty, command, label } = request
    if (node === deskName) {
      const { text, exitCode } = await this.#options.desk(person.name, (command ?? 'help').trim().split(/\s+/))
      channel.write(pty === undefined ? text : text.replaceAll('\n', '\r\n'))
      channel.exit(exitCode)
      channel.end()
      return
    }
    const where = this.#options.whereOf(node)
    if (where === undefined || !person.nodes.has(node))
      throw new Error(
        `${person.name} has no access to "${node}". Machines: ${[...person.nodes].filter((name) => !name.includes('/')).join(', ')}`,
      )
    if (this.#isPaused) throw new Error('The exercise is paused. Try again when it goes on.')
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(connectTimeoutMs)])
    const connection = await this.#options.connect(node, person.name, signal)
    this.#connections.add(connection)
    try {
      const line = command ?? `exec env LANG=C.UTF-8 "\${SHELL:-sh}" -l`
      const target = await connection.execute(line, signal, pty)
      const name = `${String(++this.#count).padStart(3, '0')}-${person.name}-${where.replace('/', '-')}.cast`
      await this.#record({ person: person.name, node: where, recording: name }, channel, target, {
        pty,
        // A shell without a terminal reads its commands from its input.
        only: label ?? command ?? (pty === undefined ? 'sh' : undefined),
        follow,
      })
    } finally {
      this.#connections.delete(connection)
      connection.drop()
    }
  }

  async #record(
    place: SessionPlace,
    channel: Parameters<typeof bridge>[0]['participant'],
    target: Parameters<typeof bridge>[0]['node'],
    options: {
      readonly pty: PseudoTtyOptions | undefined
      readonly only: string | undefined
      readonly follow: (resize: (columns: number, rows: number) => void, signal: (name: string) => void) => void
    },
  ): Promise<void> {
    const { listener, recordings, maxRecordingBytes } = this.#options
    const { pty, only, follow } = options
    const settings: RecordingOptions = {
      title: `${place.person} on ${place.node}${only === undefined ? '' : `: ${only}`}`,
      columns: pty?.cols ?? 80,
      rows: pty?.rows ?? 24,
      ...(maxRecordingBytes !== undefined && { maxBytes: maxRecordingBytes }),
      onLoss: (why) => listener.onLoss(place, why),
    }
    listener.onBegin(place)
    const recording = new TerminalRecording(join(recordings, place.recording), settings)
    const print = (text: string): void => {
      channel.write(text)
      recording.output(Buffer.from(text))
    }
    if (pty !== undefined) this.#terminals.add(print)
    follow(
      (columns, rows) => {
        target.setWindow(rows, columns, 0, 0)
        recording.resize(columns, rows)
      },
      (name) => target.signal(name),
    )
    const commands = new SessionCommands(
      {
        onCommand: (command) => listener.onCommand(place, command),
        onCommandEnd: (command) => listener.onCommandEnd(place, command),
      },
      only,
    )
    let exitCode: number | null = null
    try {
      exitCode = await bridge({ participant: channel, node: target, recording, commands, pty })
    } finally {
      this.#terminals.delete(print)
      recording[Symbol.dispose]()
      listener.onEnd(place, exitCode)
    }
  }
}

function parsedKey(publicKey: string): ParsedKey {
  const key = utils.parseKey(publicKey)
  if (key instanceof Error) throw key
  return key
}

function personOf(
  context: AuthContext,
  keys: readonly { readonly person: GatewayPerson; readonly key: ParsedKey }[],
): GatewayPerson | undefined {
  if (context.method !== 'publickey') return undefined
  const found = keys.find(({ key }) => context.key.algo === key.type && context.key.data.equals(key.getPublicSSH()))
  if (found === undefined) return undefined
  const { signature, blob, hashAlgo } = context
  if (signature === undefined || blob === undefined) return found.person
  return found.key.verify(blob, signature, hashAlgo) === true ? found.person : undefined
}
