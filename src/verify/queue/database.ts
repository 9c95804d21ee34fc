import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { DrillError, InputError, MachineError } from '../../errors.ts'

/** How long a database may be away before a process gives up. */
const awayMs = 10 * 60_000
const retryEveryMs = 2000
const connectWithinMs = 10_000

/** Codes of errors after which the same request may succeed: the server restarts, or a connection was lost. */
const passing = /^(08\w{3}|57P0[123]|53300|ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)$/

/** A PostgreSQL database, which may go away for a while. */
export class Database implements AsyncDisposable {
  /** For messages: without the password. */
  readonly name: string
  readonly url: string
  readonly #pool: pg.Pool
  readonly #onAway: (message: string) => void

  private constructor(url: string, onAway: (message: string) => void) {
    this.url = url
    this.name = nameOf(url)
    this.#onAway = onAway
    this.#pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: connectWithinMs })
    // A connection that is lost while it is idle is replaced by the next request.
    this.#pool.on('error', () => {})
  }

  /**
   * @param onAway takes a message when the database is away, and the request is repeated
   * @throws InputError if the address is wrong, or the database refuses it
   */
  static async open(url: string, onAway: (message: string) => void): Promise<Database> {
    const database = new Database(url, onAway)
    try {
      await database.#once((client) => client.query('select 1'))
      return database
    } catch (error) {
      await database[Symbol.asyncDispose]()
      const { message, code } = error as Error & { readonly code?: string }
      throw new InputError(`--queue: cannot use ${database.name}: ${message || code}`, {
        cause: error,
        remedy: 'Check that the server runs, and the user, password and database in the address.',
      })
    }
  }

  /** Runs statements in one transaction, and repeats them while the database is away. @throws MachineError */
  async transaction<Result>(act: (client: pg.PoolClient) => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    return await this.persistently(
      () =>
        this.#once(async (client) => {
          await client.query('begin')
          try {
            const result = await act(client)
            await client.query('commit')
            return result
          } catch (error) {
            await client.query('rollback').catch(() => {})
            throw error
          }
        }),
      signal,
    )
  }

  async query<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
    signal?: AbortSignal,
  ): Promise<readonly Row[]> {
    const { rows } = await this.persistently(() => this.#once((client) => client.query<Row>(text, [...values])), signal)
    return rows
  }

  /**
   * Repeats a request while the database is away.
   * @throws MachineError if it stays away, or refuses the request; the signal's reason
   */
  async persistently<Result>(request: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const untilMs = performance.now() + awayMs
    for (let isFirst = true; ; isFirst = false) {
      signal?.throwIfAborted()
      try {
        return await request()
      } catch (error) {
        if (error instanceof DrillError) throw error
        const { code, message } = error as Error & { readonly code?: string }
        const isPassing = passing.test(code ?? '') || /Connection terminated|timeout exceeded|not open/i.test(message)
        if (!isPassing || performance.now() > untilMs)
          throw new MachineError('queue-failed', `the queue ${this.name} failed: ${message || code}`, {
            cause: error,
            ...(code === '53100' && { remedy: 'Free disk space on the database server, and run the command again.' }),
          })
        if (isFirst) this.#onAway(`the queue ${this.name} is away (${message || code}); trying again`)
        await sleep(retryEveryMs, undefined, signal && { signal })
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end()
  }

  async #once<Result>(act: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect()
    let failure: Error | undefined
    const onError = (error: Error) => {
      failure = error
    }
    client.on('error', onError)
    try {
      return await act(client)
    } catch (error) {
      failure = error as Error
      throw error
    } finally {
      client.off('error', onError)
      client.release(failure)
    }
  }
}

/** @throws InputError for anything but the address of a PostgreSQL database */
function nameOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw new InputError('--queue is not the address of a PostgreSQL database', {
      remedy: 'Write it like postgres://user@host/database. PGPASSWORD or ~/.pgpass can hold the password.',
    })
  parsed.password = ''
  return `${parsed.protocol}//${parsed.username}${parsed.username && '@'}${parsed.host}${parsed.pathname}`
}
