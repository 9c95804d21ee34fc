import { isWorkerGone } from '../job/job-worker.ts'
import type { WorkloadManager } from '../manager.ts'
import type { BackupTarget } from '../manager-config.ts'
import { TargetLease } from './target-lease.ts'

/** The leases of several targets. */
export interface TargetLeases extends AsyncDisposable {
  /** @throws MachineError if the lease of a target was lost */
  assertHeld(target: BackupTarget): void
}

/**
 * Takes the leases of targets for a job of this site. The lease of one of its jobs that was killed is replaced.
 * @throws MachineError that names the site and the job that holds one of them; no lease is then kept
 */
export async function takeLeases(
  { config, store }: WorkloadManager,
  targets: readonly BackupTarget[],
  jobId: string,
): Promise<TargetLeases> {
  const hasJobEnded = async (id: string) => {
    const job = store.jobs.find({ id })
    return job !== undefined && (job.status !== 'executing' || (await isWorkerGone(job)))
  }
  await using stack = new AsyncDisposableStack()
  const leases = new Map<string, TargetLease>()
  for (const target of targets)
    leases.set(
      target.mountPath,
      stack.use(await TargetLease.take(target, { site: config.site, job: jobId }, { hasJobEnded })),
    )
  const kept = stack.move()
  return {
    assertHeld: ({ mountPath }) => leases.get(mountPath)?.assertHeld(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
