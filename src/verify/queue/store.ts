import type { ContentResult } from '../../assess/judge/content-port.ts'
import type { TargetIdentity } from '../../assess/scan/found.ts'
import { InputError } from '../../errors.ts'
import type { DiskReading } from '../disk-reading.ts'
import { otherTarget } from '../same-target.ts'
import type { Database } from './database.ts'
import type { SliceJob } from './jobs.ts'

/** The version of the tables. */
const version = 1

const tables = `
  create schema if not exists dr_drill;
  create table if not exists dr_drill.meta (version integer not null);
  create table if not exists dr_drill.verifications (
    id uuid primary key,
    key text not null,
    queue text not null,
    tool text not null,
    since text not null,
    targets jsonb not null,
    selection jsonb not null,
    disks bigint not null,
    bytes bigint not null,
    begun_at timestamptz not null default now(),
    judged_at timestamptz
  );
  create unique index if not exists open_verification on dr_drill.verifications (key) where judged_at is null;
  create table if not exists dr_drill.slices (
    verification uuid not null references dr_drill.verifications on delete cascade,
    digest text not null,
    manifest jsonb not null,
    disks integer not null,
    bytes bigint not null,
    done_at timestamptz,
    last_error text,
    failed text,
    primary key (verification, digest)
  );
  create table if not exists dr_drill.readings (
    key text not null,
    tool text not null,
    outcome text not null,
    path text not null,
    date timestamptz not null,
    host text not null,
    result jsonb not null,
    primary key (key, tool, outcome)
  );
  create index if not exists readings_by_path on dr_drill.readings (path text_pattern_ops);`

/** A disk of a slice. */
export interface SliceDisk {
  readonly path: string
  readonly key: string
}

/** What a worker needs to read a slice. */
export interface Manifest {
  readonly workloadIds: readonly string[]
  readonly disks: readonly SliceDisk[]
}

export interface Slice {
  readonly digest: string
  readonly manifest: Manifest
  readonly bytes: number
}

export interface OpenVerification {
  readonly id: string
  readonly queue: string
  readonly tool: string
  /** Readings before this date, in ISO 8601, are not used again. */
  readonly since: string
  readonly targets: readonly TargetIdentity[]
  readonly selection: object
  readonly disks: number
  readonly bytes: number
  readonly begunAt: Date
}

export interface SliceCounts {
  readonly slices: number
  readonly done: number
  readonly failed: number
  readonly doneBytes: number
}

/** The tables of verifications in a database. */
export class QueueStore {
  readonly #database: Database

  private constructor(database: Database) {
    this.#database = database
  }

  /** @throws InputError if another version of dr-drill made the tables */
  static async open(database: Database): Promise<QueueStore> {
    await database.transaction(async (client) => {
      // Two processes that start at once would both create the tables.
      await client.query("select pg_advisory_xact_lock(hashtext('dr_drill'))")
      await client.query(tables)
      const { rows } = await client.query<{ version: number }>('select version from dr_drill.meta')
      const [found] = rows
      if (found === undefined) await client.query('insert into dr_drill.meta values ($1)', [version])
      else if (found.version !== version)
        throw new InputError(`--queue: the tables in ${database.name} have version ${found.version}, not ${version}`, {
          remedy: 'Use the dr-drill that made them, or another database.',
        })
    })
    return new QueueStore(database)
  }

  /** The time of the database, which dates readings. */
  async nowMs(): Promise<number> {
    const [row] = await this.#database.query<{ now: Date }>('select now()')
    return row?.now.getTime() ?? Date.now()
  }

  async openVerifications(): Promise<readonly OpenVerification[]> {
    const rows = await this.#database.query<OpenVerification & { disks: string; bytes: string }>(
      `select id, queue, tool, since, targets, selection, disks, bytes, begun_at as "begunAt" from dr_drill.verifications
       where judged_at is null order by begun_at`,
    )
    return rows.map((row) => ({ ...row, disks: Number(row.disks), bytes: Number(row.bytes) }))
  }

  async slice(verification: string, digest: string): Promise<Manifest | undefined> {
    const [row] = await this.#database.query<{ manifest: Manifest }>(
      'select manifest from dr_drill.slices where verification = $1 and digest = $2',
      [verification, digest],
    )
    return row?.manifest
  }

  async counts(verification: string, signal?: AbortSignal): Promise<SliceCounts> {
    const [row] = await this.#database.query<Record<keyof SliceCounts, string>>(
      `select count(*) as slices, count(done_at) as done, count(failed) filter (where done_at is null) as failed,
         coalesce(sum(bytes) filter (where done_at is not null), 0) as "doneBytes"
       from dr_drill.slices where verification = $1`,
      [verification],
      signal,
    )
    const { slices = 0, done = 0, failed = 0, doneBytes = 0 } = row ?? {}
    return { slices: Number(slices), done: Number(done), failed: Number(failed), doneBytes: Number(doneBytes) }
  }

  /** Keeps why a worker gave a slice back. */
  async keepError({ verification, digest }: SliceJob, why: string): Promise<void> {
    await this.#database.query('update dr_drill.slices set last_error = $3 where verification = $1 and digest = $2', [
      verification,
      digest,
      why,
    ])
  }

  /** Gives a slice up: its workers stopped answering, or gave it back too often. */
  async giveUp({ verification, digest }: SliceJob): Promise<void> {
    await this.#database.query(
      `update dr_drill.slices set failed = coalesce(last_error, 'its workers stopped answering')
       where verification = $1 and digest = $2 and done_at is null`,
      [verification, digest],
    )
  }

  /** The disks of slices that no worker could read, with the reason. */
  async failedDisks(verification: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#database.query<{ manifest: Manifest; failed: string }>(
      'select manifest, failed from dr_drill.slices where verification = $1 and failed is not null and done_at is null',
      [verification],
    )
    return new Map(rows.flatMap(({ manifest, failed }) => manifest.disks.map(({ key }) => [key, failed] as const)))
  }

  /** Readings of the disks of a workload. */
  async readingsOf(workloadId: string): Promise<readonly DiskReading[]> {
    const pattern = `workload\\_${workloadId.replaceAll(/[\\%_]/g, '\\$&')}/%`
    return (
      await this.#database.query<ReadingRow>(
        'select key, tool, path, date, host, result from dr_drill.readings where path like $1',
        [pattern],
      )
    ).map(readingOf)
  }

  async markJudged(verification: string): Promise<void> {
    await this.#database.transaction(async (client) => {
      await client.query('update dr_drill.verifications set judged_at = now() where id = $1', [verification])
      await client.query('delete from dr_drill.slices where verification = $1', [verification])
    })
  }
}

interface ReadingRow {
  readonly key: string
  readonly tool: string
  readonly path: string
  readonly date: Date
  readonly host: string
  readonly result: ContentResult
}

const readingOf = ({ date, ...row }: ReadingRow): DiskReading => ({ ...row, date: date.toISOString() })

/**
 * The statement that keeps readings. Equal results of one disk are one row; one that differs is another. They get the date
 * of the database, because the clocks of workers may differ.
 */
export const insertReadings = `
  insert into dr_drill.readings (key, tool, outcome, path, date, host, result)
  select key, tool, outcome, path, now(), host, result from jsonb_to_recordset($1::jsonb)
    as r(key text, tool text, outcome text, path text, host text, result jsonb)
  on conflict (key, tool, outcome) do update set date = excluded.date, host = excluded.host, result = excluded.result`

/** The rows for `insertReadings`. */
export function readingRows(readings: readonly DiskReading[]): string {
  const outcomeOf = ({ result }: DiskReading) => (result.kind === 'read' ? result.digest : result.kind)
  // A statement may change each row once.
  const distinct = new Map(readings.map((one) => [`${one.key} ${one.tool} ${outcomeOf(one)}`, one]))
  return JSON.stringify([...distinct.values()].map((one) => ({ ...one, outcome: outcomeOf(one) })))
}

/** The places of targets among others, in order. Undefined if one of them is not among them. */
export function placesOfTargets(
  targets: readonly TargetIdentity[],
  among: readonly TargetIdentity[],
): readonly number[] | undefined {
  const places = targets.map((target) => among.findIndex((one) => otherTarget(target, one) === undefined))
  return places.includes(-1) ? undefined : places
}
