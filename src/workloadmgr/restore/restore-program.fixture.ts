import { snapshotJob } from '../backup/request-snapshot.ts'
import { runSnapshot } from '../backup/run-snapshot.ts'
import { runJobWorker } from '../job/job-worker.ts'
import { openManager } from '../manager.ts'
import { readManagerConfig } from '../manager-config.ts'
import { restoreJob } from './request-restore.ts'
import { runRestore } from './run-restore.ts'

/** The program of a worker: `job-worker ID`, with the configuration of its environment. */
using manager = openManager(readManagerConfig())
await runJobWorker(manager.store, process.argv[3] ?? '', {
  [restoreJob]: (job) => runRestore(manager, job),
  [snapshotJob]: (job) => runSnapshot(manager, job),
})
