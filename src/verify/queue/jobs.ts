import type pg from 'pg'
import { PgBoss } from 'pg-boss'
import type { Database } from './database.ts'

/** What a job names: one slice of a verification. */
export interface SliceJob {
  readonly verification: string
  readonly digest: string
}

/** A job that this process holds. A late answer for an attempt that was given up has no effect on the job. */
export interface HeldJob {
  readonly id: string
  readonly retryCount: number
  readonly data: SliceJob
}

export interface JobsOptions {
  /** A worker that is silent for this long has lost its job. At least 10. */
  readonly heartbeatSeconds?: number
}

const schema = 'dr_drill_jobs'
const retries = 3
const expireSeconds = 24 * 3600
const batch = 1000

/** The jobs of verifications, in the tables of pg-boss. */
export class Jobs implements AsyncDisposable {
  readonly #boss: PgBoss
  readonly #database: Database
  readonly heartbeatSeconds: number
  readonly #ensured = new Set<string>()

  private constructor(boss: PgBoss, database: Database, heartbeatSeconds: number) {
    this.#boss = boss
    this.#database = database
    this.heartbeatSeconds = heartbeatSeconds
  }

  static async open(database: Database, { heartbeatSeconds = 60 }: JobsOptions = {}): Promise<Jobs> {
    const boss = new PgBoss({
      connectionString: database.url,
      schema,
      schedule: false,
      max: 3,
      superviseIntervalSeconds: Math.max(1, Math.round(heartbeatSeconds / 4)),
      monitorIntervalSeconds: Math.max(1, Math.round(heartbeatSeconds / 4)),
    })
    // Its requests fail as well, and are repeated. This event only repeats that.
    boss.on('error', () => {})
    await database.persistently(() => boss.start())
    return new Jobs(boss, database, heartbeatSeconds)
  }

  /** Creates a queue, unless it exists, with one for jobs that were given up. */
  async ensure(queue: string): Promise<void> {
    if (this.#ensured.has(queue)) return
    await this.#database.persistently(async () => {
      await this.#boss.createQueue(lostOf(queue))
      await this.#boss.createQueue(queue, {
        deadLetter: lostOf(queue),
        retryLimit: retries,
        retryDelay: 1,
        heartbeatSeconds: this.heartbeatSeconds,
        expireInSeconds: expireSeconds - 1,
        retentionSeconds: 30 * expireSeconds,
      })
    })
    this.#ensured.add(queue)
  }

  /** Adds jobs in a transaction of the caller. */
  async add(
    queue: string,
    jobs: readonly (SliceJob & { readonly priority: number })[],
    client: pg.PoolClient,
  ): Promise<void> {
    for (let at = 0; at < jobs.length; at += batch)
      await this.#boss.insert(
        queue,
        jobs.slice(at, at + batch).map(({ priority, ...data }) => ({ data, priority })),
        { db: asDatabase(client) },
      )
  }

  /** Takes the next job. Undefined if there is none. */
  async take(queue: string): Promise<HeldJob | undefined> {
    const [job] = await this.#database.persistently(() =>
      this.#boss.fetch<SliceJob>(queue, { batchSize: 1, includeMetadata: true }),
    )
    return job === undefined ? undefined : { id: job.id, retryCount: job.retryCount, data: job.data }
  }

  /** Shows that this process is alive. Must not throw. */
  async touch(queue: string, { id, retryCount }: HeldJob): Promise<void> {
    await this.#boss.touch(queue, { id, retryCount }).catch(() => {})
  }

  /** Ends a job in a transaction of the caller. */
  async complete(queue: string, { id, retryCount }: HeldJob, client: pg.PoolClient): Promise<void> {
    await this.#boss.complete(queue, { id, retryCount }, null, { db: asDatabase(client) })
  }

  /** Gives a job back. It is tried again, unless that was its last attempt. */
  async giveBack(queue: string, { id, retryCount }: HeldJob, why: string): Promise<void> {
    await this.#database.persistently(() => this.#boss.fail(queue, { id, retryCount }, { why }))
  }

  /** Calls `mark` for each slice that was given up. */
  async eachLost(queue: string, mark: (job: SliceJob) => Promise<void>): Promise<void> {
    const lost = await this.#database.persistently(() =>
      this.#boss.fetch<SliceJob>(lostOf(queue), { batchSize: batch }),
    )
    for (const { data } of lost) await mark(data)
    if (lost.length > 0)
      await this.#database.persistently(() =>
        this.#boss.complete(
          lostOf(queue),
          lost.map(({ id }) => id),
        ),
      )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#boss.stop({ graceful: false, close: true }).catch(() => {})
  }
}

const lostOf = (queue: string): string => `${queue}-lost`

const asDatabase = (client: pg.PoolClient) => ({
  executeSql: (text: string, values?: unknown[]) => client.query(text, values),
})
