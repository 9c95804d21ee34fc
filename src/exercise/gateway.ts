import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import ssh2, { type ServerChannel, type Session, type Connection as SshServerClient } from 'ssh2'
import { MachineError } from '../errors.ts'
import type { KeyPair } from '../shell/key-pair.ts'
import type { Connection } from '../shell/ssh-connection.ts'
import { type GatewayLogin, GatewayLogins, type GatewayPerson } from './gateway-login.ts'
import { type GatewayListener, recordSession } from './recorded-session.ts'
import { followSession, type SessionRequest } from './session-requests.ts'

const { Server } = ssh2

/** The name by which participants reach the exercise itself: `ssh exercise verify`. */
export const deskName = 'exercise'

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
    const logins = new GatewayLogins(options.people)
    this.#server = new Server(
      { hostKeys: [options.hostKey.privateKey], ident: 'dr-drill', banner: `${options.notice}\n` },
      (client) => this.#welcome(client, logins),
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

  #welcome(client: SshServerClient, logins: GatewayLogins): void {
    this.#clients.add(client)
    client.on('error', () => {})
    client.on('close', () => this.#clients.delete(client))
    const loginOf = logins.follow(client)
    client.on('ready', () => {
      client.on('session', (accept) => {
        const login = loginOf()
        if (login !== undefined) this.#serve(accept(), login)
      })
    })
  }

  #serve(session: Session, login: GatewayLogin): void {
    followSession(session, login.node !== deskName, (channel, request) => {
      const answer = login.node === deskName ? this.#askDesk : this.#enterNode
      const serving = answer.call(this, channel, login, request).catch((error: Error) => {
        channel.stderr.write(`${error.message}\n`)
        channel.exit(255)
        channel.end()
        channel.close()
      })
      this.#sessions.add(serving)
      void serving.finally(() => this.#sessions.delete(serving))
    })
  }

  async #askDesk(channel: ServerChannel, { person }: GatewayLogin, { pty, command }: SessionRequest): Promise<void> {
    const { text, exitCode } = await this.#options.desk(person.name, (command ?? 'help').trim().split(/\s+/))
    channel.write(pty === undefined ? text : text.replaceAll('\n', '\r\n'))
    channel.exit(exitCode)
    channel.end()
  }

  async #enterNode(
    channel: ServerChannel,
    { person, node }: GatewayLogin,
    { pty, command, label, controls }: SessionRequest,
  ): Promise<void> {
    const { whereOf, connect, recordings, listener, maxRecordingBytes } = this.#options
    const where = whereOf(node)
    if (where === undefined || !person.nodes.has(node))
      throw new Error(
        `${person.name} has no access to "${node}". Machines: ${[...person.nodes].filter((name) => !name.includes('/')).join(', ')}`,
      )
    if (this.#isPaused) throw new Error('The exercise is paused. Try again when it goes on.')
    const signal = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(connectTimeoutMs)])
    const connection = await connect(node, person.name, signal).catch((error: Error) => {
      if (this.#closed.signal.aborted) throw new Error('The exercise has ended.')
      const why = signal.aborted ? 'it does not answer' : error.message
      throw new Error(`${node} cannot be entered: ${why}\nIf it stays so, ask the facilitator to restart it.`)
    })
    this.#connections.add(connection)
    try {
      const line = command ?? `exec env LANG=C.UTF-8 "\${SHELL:-sh}" -l`
      const target = await connection.execute(line, signal, pty)
      const recording = `${String(++this.#count).padStart(3, '0')}-${person.name}-${where.replace('/', '-')}.cast`
      await recordSession({ person: person.name, node: where, recording }, channel, target, {
        ...{ recordings, listener, pty, controls, terminals: this.#terminals },
        // A shell without a terminal reads its commands from its input.
        only: label ?? command ?? (pty === undefined ? 'sh' : undefined),
        ...(maxRecordingBytes !== undefined && { maxRecordingBytes }),
      })
    } finally {
      this.#connections.delete(connection)
      connection.drop()
    }
  }
}
