import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { type Assessed, assessTargets } from '../../assess/assessment.fixture.ts'
import type { ContentResult, ReadContent } from '../../assess/judge/content-port.ts'
import type { ImageVerdict } from '../../assess/judge/verdict.ts'
import { contentReader } from '../../content/read-content.ts'
import { comparable, nowMs, scratch, targetWithData, type Verified } from '../verify.fixture.ts'
import { verifyByQueue } from './coordinate.ts'
import { openQueue } from './open.ts'
import { PostgresServer, postgresPrograms } from './postgres.fixture.ts'
import { type WorkerListener, type WorkerRequest, work } from './read-slices.ts'
import { insertReadings, readingRows } from './store.ts'

const skip = postgresPrograms() === undefined && 'PostgreSQL is not installed'
const folder = scratch('queue')
const root = join(folder, 'target')
const never = new AbortController().signal
let server: PostgresServer
/** The result of one machine. */
let alone: Assessed

before(async () => {
  if (skip) return
  server = await PostgresServer.start()
  await targetWithData(root, { workloads: 2, vms: 1 })
  alone = await assessTargets([root], { depth: 'content', readContent: contentReader() })
})

/** Returns what one machine has read. Only tests about reading read again. */
const knownContent: ReadContent = async (links) => {
  const digest = alone.images.find(({ path }) => path === links[0]?.file?.path)?.digest
  return digest === undefined ? { kind: 'unknown', why: 'not known' } : { kind: 'read', digest, readBytes: 1 }
}
after(async () => server?.[Symbol.asyncDispose]())

function sql(text: string): string {
  const args = ['-h', '127.0.0.1', '-p', `${server.port}`, '-U', 'drill', '-d', 'postgres', '-Atqc', text]
  return execFileSync('psql', args, { encoding: 'utf8' }).trim()
}

beforeEach(() => {
  if (!skip)
    sql(
      'set client_min_messages = error; drop schema if exists dr_drill cascade; drop schema if exists dr_drill_jobs cascade',
    )
})

const open = (messages: string[] = []) =>
  openQueue(server.url, (message) => messages.push(message), { heartbeatSeconds: 10 })

async function coordinated(
  targets: readonly string[] = [root],
  signal = never,
  onPlanned = () => {},
  reverifyAfterMs = 24 * 3_600_000,
): Promise<Verified> {
  await using queue = await open()
  const images: ImageVerdict[] = []
  const summary = await verifyByQueue(
    {
      targets,
      concurrency: 2,
      answerWithinMs: 20_000,
      nowMs,
      failOn: ['broken'],
      selection: { seed: '' },
      reverifyAfterMs,
      tool: '1.0.0',
    },
    queue,
    { onImage: (record) => void images.push(record as ImageVerdict), onPlanned },
    signal,
  )
  return { images, summary }
}

async function worked(
  options: Partial<WorkerRequest> = {},
  listener: WorkerListener = {},
  signal = never,
): Promise<number> {
  await using queue = await open()
  return await work(
    {
      targets: [root],
      concurrency: 2,
      answerWithinMs: 20_000,
      readContent: knownContent,
      tool: '1.0.0',
      host: 'host',
      isEndingWhenEmpty: true,
      ...options,
    },
    queue,
    listener,
    signal,
  )
}

/** Starts a verification, and returns once its slices are in the queue. */
async function begun(
  targets?: readonly string[],
  reverifyAfterMs?: number,
): Promise<{ readonly result: Promise<Verified> }> {
  const planned = Promise.withResolvers<void>()
  const result = coordinated(targets, never, planned.resolve, reverifyAfterMs)
  result.catch(planned.reject)
  await planned.promise
  return { result }
}

describe('a verification through a queue', { skip, timeout: 300_000 }, () => {
  it('has the result of one machine, and reads each disk once', async () => {
    const { result } = await begun()
    const read: string[] = []
    const listener = { onRead: ({ path }: { readonly path: string }) => void read.push(path) }
    const readContent = contentReader()
    await Promise.all([worked({ host: 'one', readContent }, listener), worked({ host: 'two', readContent }, listener)])
    assert.deepEqual(comparable(await result), comparable(alone))
    assert.equal(new Set(read).size, 4)
    assert.equal(read.length, 4)
    // All is known: nothing is read again.
    assert.equal((await coordinated()).summary.totals.content.compared, 4)
  })

  it('goes on with the same slices after its command was stopped', async () => {
    const stop = new AbortController()
    await assert.rejects(
      coordinated([root], stop.signal, () => stop.abort(new Error('stopped'))),
      { message: 'stopped' },
    )
    assert.equal(sql('select count(*) from dr_drill.slices where done_at is null'), '1')
    const { result } = await begun()
    await worked()
    assert.equal((await result).summary.exitCode, 0)
    assert.equal(sql('select count(*) from dr_drill.verifications'), '1')
  })

  it('goes on with another worker when one is stopped, and keeps what that one read', async () => {
    const { result } = await begun()
    const stop = new AbortController()
    let count = 0
    const stopping = {
      onRead: () => {
        if (++count === 2) stop.abort(new Error('stopped'))
      },
    }
    await assert.rejects(worked({ concurrency: 1 }, stopping, stop.signal), { message: 'stopped' })
    await worked()
    assert.deepEqual(comparable(await result), comparable(alone))
  })

  it('goes on when the database is killed and comes back', async () => {
    const { result } = await begun()
    let count = 0
    const killing: ReadContent = async (links, options) => {
      if (++count === 2) {
        await server.kill()
        setTimeout(() => void server.resume(), 1500)
      }
      return await knownContent(links, options)
    }
    await worked({ readContent: killing })
    assert.deepEqual(comparable(await result), comparable(alone))
  })

  it('is unknown where two workers read different content of the same files', async () => {
    const { result } = await begun()
    await using queue = await open()
    const [verification] = await queue.store.openVerifications()
    assert.ok(verification)
    const first = await queue.jobs.take(verification.queue)
    assert.ok(first)
    const manifest = await queue.store.slice(verification.id, first.data.digest)
    const [victim] = manifest?.disks ?? []
    assert.ok(victim)
    await queue.jobs.giveBack(verification.queue, first, 'for the next worker')
    const lying: ReadContent = async (links, options) => {
      const honest = await knownContent(links, options)
      const isVictim = links[0]?.file?.path === victim.path
      return isVictim && honest.kind === 'read' ? { ...honest, digest: '0'.repeat(64) } : honest
    }
    await worked({ readContent: lying, host: 'liar' })
    // A worker that was thought dead answers late.
    const reading = { ...victim, tool: '1.0.0', host: 'late', date: new Date().toISOString() }
    const honest = alone.images.find(({ path }) => path === victim.path)
    const late: ContentResult = { kind: 'read', digest: honest?.digest ?? '?', readBytes: 1 }
    await queue.database.query(insertReadings, [readingRows([{ ...reading, result: late }])])
    await queue.database.query(insertReadings, [readingRows([{ ...reading, result: late }])])
    await result
    const again = await coordinated()
    const verdict = again.images.find(({ path }) => path === victim.path)
    assert.equal(verdict?.state, 'unknown')
    assert.match(verdict?.defect?.why ?? '', /two readings of the same files differ: .* on (liar|late)/)
    assert.equal(again.summary.exitCode, 3)
  })

  it('dates readings by the clock of the database, whatever that of a worker is', async () => {
    await using queue = await open()
    const result = { kind: 'read', digest: 'a'.repeat(64), readBytes: 1 } as const
    const facts = { path: 'workload_w/x', tool: '1.0.0', host: 'host', result }
    for (const date of ['1999-01-01T00:00:00.000Z', '2999-01-01T00:00:00.000Z'])
      await queue.database.query(insertReadings, [readingRows([{ ...facts, date, key: date }])])
    const dates = (await queue.store.readingsOf('w')).map(({ date }) => Date.parse(date))
    assert.equal(dates.length, 2)
    for (const date of dates) assert.ok(Math.abs(date - Date.now()) < 60_000)
  })

  it('stops a worker when the disk of the database is full, and goes on later', async () => {
    const { result } = await begun()
    sql(`create function dr_drill.full() returns trigger language plpgsql as
      $$ begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$;
      create trigger full_disk before insert on dr_drill.readings for each row execute function dr_drill.full()`)
    await assert.rejects(worked(), {
      code: 'queue-failed',
      blame: 'machine',
      message: /failed: could not extend file: No space left on device/,
      remedy: /Free disk space on the database server/,
    })
    sql('drop trigger full_disk on dr_drill.readings')
    await worked()
    assert.equal((await result).summary.exitCode, 0)
  })

  it('is unknown for a slice that its workers give back too often, with the last reason', async () => {
    const { result } = await begun()
    const failing: ReadContent = async () => {
      throw new Error('this host is out of order')
    }
    await worked({ readContent: failing })
    const { summary, images } = await result
    assert.equal(summary.exitCode, 3)
    assert.equal(summary.totals.states.unknown, 4)
    assert.match(images[0]?.defect?.why ?? '', /it was not read: host: this host is out of order/)
  })

  it('gives a slice to another worker where a share does not answer, and keeps what was read', async () => {
    const { result } = await begun()
    let count = 0
    const silent: ReadContent = async (links, options) =>
      ++count === 2
        ? { kind: 'unknown', reason: 'not answering', why: 'no answer for 30 s' }
        : await knownContent(links, options)
    const given: string[] = []
    // It also takes the slice again.
    await worked({ readContent: silent, concurrency: 1 }, { onGivenBack: (why) => given.push(why) })
    assert.deepEqual(given, ['no answer for 30 s'])
    assert.deepEqual(comparable(await result), comparable(alone))
  })

  it('is unknown where only a reading is known that is too old', async () => {
    const first = await begun()
    await worked()
    await first.result
    const { result } = await begun(undefined, 0)
    const failing: ReadContent = async () => {
      throw new Error('this host is out of order')
    }
    await worked({ readContent: failing })
    const { summary } = await result
    assert.equal(summary.totals.states.unknown, 4)
    assert.equal(summary.exitCode, 3)
  })

  it('refuses a worker with a copy of the target, with another target, and of another version', async () => {
    const { result } = await begun()
    const copy = join(folder, 'copy')
    cpSync(root, copy, { recursive: true, preserveTimestamps: true })
    await assert.rejects(worked({ targets: [copy] }), { code: 'bad-input', message: /are two copies/ })
    await targetWithData(join(folder, 'elsewhere'), { seed: 'other', workloads: 1 })
    await assert.rejects(worked({ targets: [join(folder, 'elsewhere')] }), { message: /no workload in common/ })
    await assert.rejects(worked({ targets: [join(folder, 'gone')] }), { message: /does not exist/ })
    await assert.rejects(worked({ tool: '2.0.0' }), { message: /was begun by dr-drill 1.0.0, and this is 2.0.0/ })
    await worked({ targets: [join(folder, 'elsewhere'), root] })
    assert.equal((await result).summary.exitCode, 0)
  })

  it('is unknown for disks whose files change before they are read', async () => {
    const changing = join(folder, 'changing')
    cpSync(root, changing, { recursive: true, preserveTimestamps: true })
    const { result } = await begun([changing])
    const full = (await assessTargets([changing])).images.find(({ links }) => links === 1)
    execFileSync('touch', [join(changing, full?.path ?? '?')])
    await worked({ targets: [changing] })
    const { images, summary } = await result
    const unknown = images.filter(({ state }) => state === 'unknown')
    assert.equal(unknown.length, 2)
    assert.match(unknown[0]?.defect?.why ?? '', /its files changed before a worker read them/)
    assert.equal(summary.exitCode, 3)
  })
})

describe('the database of a queue', { skip }, () => {
  it('is refused with an address, a user or tables that are wrong, and no password is printed', async () => {
    const wrong = (url: string) => openQueue(url, () => {})
    await assert.rejects(wrong('mysql://x'), { code: 'bad-input', message: /not the address of a PostgreSQL database/ })
    await assert.rejects(wrong('postgres://drill:geheim@127.0.0.1:1/postgres'), (error: Error) => {
      assert.match(error.message, /cannot use postgres:\/\/drill@127\.0\.0\.1:1\/postgres: .*ECONNREFUSED/)
      assert.doesNotMatch(`${error.message} ${error.stack}`, /geheim/)
      return true
    })
    await assert.rejects(wrong(server.url.replace('drill@', 'nobody:geheim@')), (error: Error) => {
      assert.match(error.message, /role "nobody" does not exist/)
      assert.doesNotMatch(`${error.message} ${error.stack}`, /geheim/)
      return true
    })
    await (await open())[Symbol.asyncDispose]()
    sql('update dr_drill.meta set version = 7')
    await assert.rejects(open(), { code: 'bad-input', message: /tables .* have version 7, not 1/ })
  })
})
