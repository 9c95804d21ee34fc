import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { until } from '../../concurrency/deadline.ts'
import { parseIdentity } from '../../localhost/process-identity.ts'
import { StateStore } from '../store/state-store.ts'
import { runJobWorker } from './job-worker.ts'
import { cancelJob, findJob, settleJobs, waitForJob } from './settle-jobs.ts'
import { runJobHere, startJob } from './start-job.ts'

const stateDirectory = mkdtempSync(join(tmpdir(), 'dr-drill-jobs-test-'))
const store = new StateStore(stateDirectory)
after(() => {
  store[Symbol.dispose]()
  rmSync(stateDirectory, { recursive: true })
})

const program = [process.execPath, join(import.meta.dirname, 'job-program.fixture.ts')]
const environment = { ...process.env, STATE_DIRECTORY: stateDirectory, NODE_V8_COVERAGE: '' }
const start = (kind: string, args: unknown = {}) =>
  startJob(store, { kind, arguments: args, projectId: 'p' }, { stateDirectory, program, environment })
const deadlineMs = 120_000

/** Waits until the process of a job does its work. */
async function begun(id: string): Promise<number> {
  await until('the job', async () => (findJob(store, id).progress > 0 ? true : undefined), { deadlineMs })
  return parseIdentity(JSON.stringify(findJob(store, id).worker))?.pid ?? 0
}

describe('job', () => {
  it('is done by another process, and keeps its result', async () => {
    const { id, status } = await start('add', { numbers: [1, 2, 3] })
    assert.equal(status, 'executing')
    const done = await waitForJob(store, id, { deadlineMs })
    assert.deepEqual(
      [done.status, done.result, done.progress, done.projectId],
      ['available', { sum: 6 }, 100, 'p'],
      readFileSync(join(stateDirectory, 'jobs', `${id}.log`), 'utf8'),
    )
    assert.notEqual((done.worker as { pid: number }).pid, process.pid)
  })

  it('is an error with its text if its work fails, or its kind is unknown', async () => {
    for (const [kind, text] of [
      ['fail', 'the disk is full'],
      ['dance', 'unknown kind of job dance'],
    ] as const) {
      const { id } = await start(kind)
      const done = await waitForJob(store, id, { deadlineMs })
      assert.deepEqual([done.status, done.errorText], ['error', text])
      // The worker writes its log after the status.
      const log = join(stateDirectory, 'jobs', `${id}.log`)
      await until('the log', async () => (readFileSync(log, 'utf8').includes(text) ? true : undefined), { deadlineMs })
    }
  })

  it('is an error if its process is killed, and cannot be begun again', async () => {
    const { id } = await start('wait')
    const pid = await begun(id)
    assert.deepEqual(await settleJobs(store), [])
    process.kill(pid, 'SIGKILL')
    const done = await waitForJob(store, id, { deadlineMs })
    assert.deepEqual([done.status, done.errorText], ['error', 'interrupted'])
    await assert.rejects(runJobWorker(store, id, {}), /does not wait for a worker/)
  })

  it('is an error if the machine was started again meanwhile, and not if it is in another process namespace', async () => {
    const { id } = await start('wait')
    const pid = await begun(id)
    const elsewhere = { ...(findJob(store, id).worker as object), pid: 2 ** 22 + 1, pidNamespace: 'pid:[1]' }
    store.jobs.change({ id }, { worker: elsewhere })
    assert.deepEqual(await settleJobs(store), [])
    store.jobs.change({ id }, { worker: { ...elsewhere, bootId: 'an earlier one' } })
    const settled = await settleJobs(store)
    process.kill(pid, 'SIGKILL')
    assert.deepEqual(
      settled.map((one) => [one.id, one.errorText]),
      [[id, 'interrupted']],
    )
  })

  it('is an error if its process ends before it begins', async () => {
    const broken = { stateDirectory, program: ['/bin/false'], environment }
    const { id } = await startJob(store, { kind: 'add', arguments: {} }, broken)
    const done = await waitForJob(store, id, { deadlineMs })
    assert.deepEqual([done.status, done.errorText], ['error', 'interrupted'])
    const missing = { stateDirectory, program: ['/nonexistent/program'], environment }
    await assert.rejects(startJob(store, { kind: 'add', arguments: {} }, missing), { code: 'job-worker' })
    assert.match(store.jobs.list().at(-1)?.errorText ?? '', /^cannot start a worker: .*ENOENT/)
  })

  it('is an error, and not cancelled, if its process is asked to end by something else', async () => {
    const { id } = await start('wait')
    process.kill(await begun(id), 'SIGTERM')
    const done = await waitForJob(store, id, { deadlineMs })
    assert.deepEqual([done.status, done.errorText], ['error', 'interrupted'])
  })

  it('is cancelled on request, also if it does not end by itself', async () => {
    for (const [kind, graceMs] of [
      ['wait', 10_000],
      ['wait on', 200],
    ] as const) {
      const { id } = await start(kind)
      await begun(id)
      const cancelled = await cancelJob(store, id, graceMs)
      assert.deepEqual([kind, cancelled.status, cancelled.errorText], [kind, 'cancelled', undefined])
      await assert.rejects(cancelJob(store, id), { name: 'InputError', message: /its status is cancelled/ })
    }
    await assert.rejects(cancelJob(store, 'x'), /job x does not exist/)
  })

  it('can be done in the same process, which throws its error', async () => {
    const done = await runJobHere(store, { kind: 'here', arguments: { a: 1 } }, async (job) => job.arguments)
    assert.deepEqual([done.status, done.result], ['available', { a: 1 }])
    const fail = async () => {
      throw new Error('no space')
    }
    await assert.rejects(runJobHere(store, { kind: 'here', arguments: {} }, fail), /no space/)
    assert.equal(store.jobs.list().at(-1)?.errorText, 'no space')
  })
})
