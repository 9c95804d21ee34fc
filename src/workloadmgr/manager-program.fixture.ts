import { importKind, importWork } from './import/import-workloads.ts'
import { runJobWorker } from './job/job-worker.ts'
import { settleJobs } from './job/settle-jobs.ts'
import { openManager } from './manager.ts'
import { readManagerConfig } from './manager-config.ts'
import { reassignWorkloads } from './reassign/reassign-workloads.ts'
import type { Reassignment } from './reassign/reassignment.ts'

/** A program like `workloadmgr`, without its command line: `job-worker ID`, or `reassign REQUESTS`. */
const [, , command, argument = ''] = process.argv
using manager = openManager(readManagerConfig())
if (command === 'job-worker') await runJobWorker(manager.store, argument, { [importKind]: importWork(manager) })
if (command === 'reassign') {
  await settleJobs(manager.store)
  const outcome = await reassignWorkloads(manager, JSON.parse(argument) as readonly Reassignment[])
  process.stdout.write(JSON.stringify(outcome))
}
