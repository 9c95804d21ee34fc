import { Readable } from 'node:stream'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import type { Carrier, CarrierOutcome, OutgoingMessage } from './carrier.ts'
import type { SmtpServer } from './smtp-server.ts'

/** The parts of an error of nodemailer that decide on the outcome. */
interface SmtpError extends Error {
  readonly responseCode?: number | undefined
}

/** Hands mails to one mail server over SMTP, over one connection as long as that lasts. */
export class SmtpCarrier implements Carrier {
  readonly isIdempotent = false
  readonly #server: SmtpServer
  readonly #from: string
  readonly #answerWithinMs: number
  #connection: SMTPConnection | undefined
  /** Why no further connection is tried. */
  #unreachable: string | undefined

  /** @param from the checked address of the sender */
  constructor(server: SmtpServer, from: string, answerWithinMs: number) {
    this.#server = server
    this.#from = from
    this.#answerWithinMs = answerWithinMs
  }

  get where(): string {
    return `mail server ${this.#server.host}:${this.#server.port}`
  }

  async send({ to, mail }: OutgoingMessage, signal: AbortSignal): Promise<CarrierOutcome> {
    if (this.#unreachable !== undefined) return { kind: 'not sent', why: this.#unreachable }
    try {
      this.#connection ??= await this.#open(signal)
    } catch (error) {
      this.#unreachable = this.#describe(error)
      return { kind: 'not sent', why: this.#unreachable }
    }
    const connection = this.#connection
    // The connection reads the mail only after the server has agreed to take it.
    let isHandedOver = false
    const content = new Readable({
      read() {
        isHandedOver = true
        this.push(mail)
        this.push(null)
      },
    })
    const abort = () => connection.close()
    signal.addEventListener('abort', abort, { once: true })
    try {
      const answer = await new Promise<string>((resolve, reject) => {
        // Between two mails, an error has no mail that it could be reported for.
        connection.once('error', reject)
        connection.once('end', () => reject(new Error('the connection was closed')))
        connection.send({ from: this.#from, to, size: mail.length, use8BitMime: false }, content, (error, info) => {
          if (error) reject(error)
          else resolve(info.response)
        })
      })
      return { kind: 'sent', answer: this.#redact(answer) }
    } catch (error) {
      const why = signal.aborted ? 'interrupted' : this.#describe(error)
      const { responseCode } = error as SmtpError
      if (responseCode !== undefined && responseCode >= 400) {
        await this.#reset(connection)
        return { kind: 'refused', why }
      }
      this.#drop(connection)
      return { kind: isHandedOver ? 'may have been sent' : 'not sent', why }
    } finally {
      signal.removeEventListener('abort', abort)
      connection.removeAllListeners('error').removeAllListeners('end')
      connection.on('error', () => this.#drop(connection)).on('end', () => this.#drop(connection))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection?.quit()
    this.#connection = undefined
  }

  /** Connects, and logs in only once the connection is encrypted. */
  async #open(signal: AbortSignal): Promise<SMTPConnection> {
    const { host, port, tls, ca, login } = this.#server
    const limitMs = this.#answerWithinMs
    const connection = new SMTPConnection({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      tls: { minVersion: 'TLSv1.2', ...(ca !== undefined && { ca }) },
      ...{ connectionTimeout: limitMs, greetingTimeout: limitMs, socketTimeout: limitMs, dnsTimeout: limitMs },
      socketCloseTimeout: 1000,
      logger: false,
    })
    const abort = () => connection.close()
    signal.addEventListener('abort', abort, { once: true })
    try {
      await new Promise<void>((resolve, reject) => {
        connection.once('error', reject)
        connection.once('end', () => reject(new Error('the connection was closed')))
        connection.connect((error) => (error ? reject(error) : resolve()))
      })
      if (tls !== 'none' && !connection.secure) throw new Error('the connection is not encrypted')
      if (login !== undefined)
        await new Promise<void>((resolve, reject) => {
          connection.once('error', reject)
          connection.login({ credentials: { user: login.user, pass: login.password } }, (error) =>
            error ? reject(error) : resolve(),
          )
        })
      return connection
    } catch (error) {
      connection.on('error', () => {})
      connection.close()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  /** Ends the transaction that was refused, or the connection if that is not possible. */
  async #reset(connection: SMTPConnection): Promise<void> {
    const isReset = await new Promise<boolean>((resolve) => {
      connection.once('error', () => resolve(false))
      connection.once('end', () => resolve(false))
      connection.reset((error) => resolve(!error))
    })
    if (!isReset) this.#drop(connection)
  }

  #drop(connection: SMTPConnection): void {
    if (this.#connection === connection) this.#connection = undefined
    connection.removeAllListeners('error').on('error', () => {})
    connection.close()
  }

  #describe(error: unknown): string {
    return this.#redact((error as Error).message)
  }

  /** Removes the password, in case a server repeats it. */
  #redact(text: string): string {
    const { login } = this.#server
    if (login === undefined) return text
    const { user, password } = login
    const base64 = (plain: string) => Buffer.from(plain).toString('base64').replace(/=+$/, '')
    return [password, base64(password), base64(`\0${user}\0${password}`)].reduce(
      (safe, secret) => safe.replaceAll(secret, '[password]'),
      text,
    )
  }
}
