import type { Database } from './database.ts'
import type { Jobs } from './jobs.ts'
import type { QueueStore } from './store.ts'

/** The queue of verifications: its tables, and its jobs. */
export interface Queue {
  readonly database: Database
  readonly store: QueueStore
  readonly jobs: Jobs
}
