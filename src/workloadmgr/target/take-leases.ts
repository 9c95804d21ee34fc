import { setTimeout as delay } from 'node:timers/promises'
import { isWorkerGone, type RunningJob } from '../job/job-worker.ts'
import type { WorkloadManager } from '../manager.ts'
import type { BackupTarget } from '../manager-config.ts'
import { type LeaseHolder, TargetBusy, TargetLease } from './target-lease.ts'

/** The leases of several targets. */
export interface TargetLeases extends AsyncDisposable {
  /** @throws MachineError if the lease of a target was lost */
  assertHeld(target: BackupTarget): void
}

/** How often a job looks whether the one before it has ended. */
const waitMs = 250

/**
 * Takes the leases of targets for a job of this site. It waits for other jobs of this site: the product runs them in
 * parallel. The lease of one that was killed is replaced.
 * @throws MachineError that names the other site and its job that holds one of them; no lease is then kept
 */
export async function takeLeases(
  { config, store }: WorkloadManager,
  targets: readonly BackupTarget[],
  { id: jobId, signal }: Pick<RunningJob, 'id' | 'signal'>,
): Promise<TargetLeases> {
  const hasJobEnded = async (id: string) => {
    const job = store.jobs.find({ id })
    return job !== undefined && (job.status !== 'executing' || (await isWorkerGone(job)))
  }
  const isOwnJob = (holder: LeaseHolder | undefined): boolean =>
    holder?.site === config.site && store.jobs.find({ id: holder.job }) !== undefined
  const take = async (target: BackupTarget): Promise<TargetLease> => {
    for (let isTold = false; ; isTold = true) {
      try {
        return await TargetLease.take(target, { site: config.site, job: jobId }, { hasJobEnded })
      } catch (error) {
        if (!(error instanceof TargetBusy && isOwnJob(error.holder))) throw error
        if (!isTold)
          process.stderr.write(`waiting for job ${error.holder?.job}, which changes backup target ${target.name}\n`)
        await delay(waitMs, undefined, { signal })
      }
    }
  }
  await using stack = new AsyncDisposableStack()
  const leases = new Map<string, TargetLease>()
  // In one order for all jobs, so that no two wait for each other.
  const ordered = targets.toSorted((one, other) => (one.mountPath < other.mountPath ? -1 : 1))
  for (const target of ordered) leases.set(target.mountPath, stack.use(await take(target)))
  const kept = stack.move()
  return {
    assertHeld: ({ mountPath }) => leases.get(mountPath)?.assertHeld(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
