import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { testCertificate, testKey } from './certificate.fixture.ts'

/** A mail that the server has accepted. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  readonly content: string
  readonly isEncrypted: boolean
  readonly user: string | undefined
}

export const testLogin = { user: 'dr@example.org', password: 'p\u00e4ss word' } as const

/** A way to fail once the content of a mail has arrived. Undefined to accept it. */
export type Trouble = 'reject' | 'die unconfirmed' | undefined

/** A mail server for tests, on a free port of this host, with STARTTLS and a password. */
export class MailServer implements AsyncDisposable {
  readonly received: ReceivedMail[] = []
  /** The names of all who tried to log in. */
  readonly logins: string[] = []
  refused: readonly string[] = []
  troubleOf: (to: string) => Trouble = () => undefined
  readonly #server: SMTPServer
  readonly #sockets = new Set<Socket>()

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      cert: testCertificate,
      key: testKey,
      disableReverseLookup: true,
      closeTimeout: 100,
      onAuth: ({ username = '', password }, _session, done) => {
        this.logins.push(username)
        if (username === testLogin.user && password === testLogin.password) done(null, { user: username })
        else done(new Error(`no such user or password: ${password}`))
      },
      onRcptTo: ({ address }, _session, done) =>
        this.refused.includes(address)
          ? done(Object.assign(new Error('no such mailbox'), { responseCode: 550 }))
          : done(),
      onData: (stream, session, done) => {
        void text(stream).then((content) => {
          const to = session.envelope.rcptTo.map(({ address }) => address)
          const trouble = this.troubleOf(to[0] ?? '')
          if (trouble === 'reject') return done(Object.assign(new Error('disk full'), { responseCode: 452 }))
          const from = session.envelope.mailFrom
          this.received.push({
            ...{ from: from ? from.address : '', to, content, isEncrypted: session.secure },
            user: session.user,
          })
          if (trouble === 'die unconfirmed') for (const one of this.#sockets) one.destroy()
          else done()
        })
      },
      ...options,
    })
    this.#server.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('error', () => {})
  }

  static async open(options: SMTPServerOptions = {}, port = 0): Promise<MailServer> {
    const server = new MailServer(options)
    server.#server.listen(port, '127.0.0.1')
    await once(server.#server.server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
