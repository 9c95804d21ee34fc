import { writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { StateStore } from '../store/state-store.ts'
import { type JobWork, runJobWorker } from './job-worker.ts'

/** A program with a few kinds of jobs: `STATE_DIRECTORY` names its database, and `job-worker ID` does the work. */
const kinds: Readonly<Record<string, JobWork>> = {
  add: async (job) => {
    const { numbers } = job.arguments as { readonly numbers: readonly number[] }
    job.report(50, 'half of it')
    return { sum: numbers.reduce((sum, one) => sum + one, 0) }
  },
  fail: async () => {
    throw new Error('the disk is full')
  },
  wait: async (job) => {
    job.report(10, 'waiting')
    await delay(60_000, undefined, { signal: job.signal })
  },
  'wait on': async (job) => {
    job.report(10, 'waiting')
    writeFileSync(`${process.env['STATE_DIRECTORY']}/waiting`, '')
    await delay(60_000)
  },
}

const [, , , id = ''] = process.argv
using store = new StateStore(process.env['STATE_DIRECTORY'] ?? '')
await runJobWorker(store, id, kinds)
