// Restores and backups by users
import { Given, Then, When } from '@cucumber/cucumber'
import { type RestoreAsker, type RestoreWay, workloadManager } from '../src/index.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * A user asks the [workload manager](handover.md) to restore a snapshot, and waits until the restore has ended. The disks that
 * it leaves on a compute are digested there, so the claims about restores judge them by their content. The claims of the
 * workload manager prove nothing.
 * @example When "alice" restores snapshot 2 of "web"
 * @example When "alice" restores snapshot 2 of "web" on "compute-1"
 * @example When "alice" in project "web-shop" restores snapshot 2 of "web" in place
 * @example When "alice" restores snapshot 2 of "web" with the mapping "restore.json"
 */
When(
  '{asker} restores snapshot {int} of {string}{restoreWay}',
  async function (this: DrillWorld, asker: RestoreAsker, snapshot: number, workload: string, way: RestoreWay) {
    await this.restoreAs(asker, this.images({ workload, snapshot }), way)
  },
)

/**
 * A user asks the workload manager to restore a snapshot, and cancels the restore at once.
 * @example When "alice" cancels a restore of snapshot 2 of "web"
 */
When(
  '{asker} cancels a restore of snapshot {int} of {string}',
  async function (this: DrillWorld, asker: RestoreAsker, snapshot: number, workload: string) {
    await this.rehearsal.userRestores.cancel(asker, this.images({ workload, snapshot }))
  },
)

/**
 * Judges that the workload manager refused the last restore with a message, of which a part is given, and that nothing was
 * restored.
 * @example Then the restore is refused because "does not have the role member"
 */
Then('the restore is refused because {string}', function (this: DrillWorld, because: string) {
  this.drill.judge(workloadManager.restoreIsRefused, { because })
})

/**
 * Judges the state that the restores of the last step have in the workload manager: `available`, `error` or `cancelled`. It
 * proves nothing about their content. A cancelled restore must have left no disk on its compute, and no process.
 * @example Then the restore ends with the state "available"
 */
Then('the restore ends with the state {string}', function (this: DrillWorld, status: string) {
  this.drill.judge(workloadManager.restoreEndsAs, { status })
})

/**
 * Judges that the last restores have ended in error, with a message of which a part is given.
 * @example Then the restore ends in error because "the size of its chain cannot be read"
 */
Then('the restore ends in error because {string}', function (this: DrillWorld, because: string) {
  this.drill.judge(workloadManager.restoreEndsAs, { status: 'error', because })
})

/**
 * Changes the disks of the instances that users have restored, as their users do.
 * @example Given the instances of workload "web" change
 */
Given('the instances of workload {string} change', async function (this: DrillWorld, workload: string) {
  await this.rehearsal.userBackups.changeInstances(workload)
})

/**
 * A user asks the workload manager for a snapshot of a recovered workload, and waits until it has ended. The content of the
 * instances is recorded, to judge restores by.
 * @example When "alice" backs up workload "web"
 */
When('{asker} backs up workload {string}', async function (this: DrillWorld, asker: RestoreAsker, workload: string) {
  await this.rehearsal.userBackups.take(asker, workload)
})

/**
 * Runs the scheduler of the workload manager as if a week had passed: it takes every snapshot that is due.
 * @example When the scheduled backups of a week later run
 */
When('the scheduled backups of a week later run', async function (this: DrillWorld) {
  await this.rehearsal.userBackups.runSchedule()
})

/**
 * Judges how the snapshots of the last step have ended: `full`, `incremental` or `mixed`, and available. The word `available`
 * accepts any of the three.
 * @example Then the new snapshot is incremental
 * @example Then the new snapshot is available
 */
Then('the new snapshot is {word}', function (this: DrillWorld, type: string) {
  this.drill.judge(workloadManager.snapshotEndsAs, { status: 'available', ...(type !== 'available' && { type }) })
})

/**
 * Judges that the last snapshots have ended in error, with a message of which a part is given.
 * @example Then the new snapshot ends in error because "the snapshot before cannot be read"
 */
Then('the new snapshot ends in error because {string}', function (this: DrillWorld, because: string) {
  this.drill.judge(workloadManager.snapshotEndsAs, { status: 'error', because })
})

/**
 * Judges the names of the parents in the headers of the images of the last snapshot: the mount path that they are named under.
 * @example Then the new snapshot names its parent under "/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=="
 */
Then('the new snapshot names its parent under {string}', function (this: DrillWorld, mountPath: string) {
  this.drill.judge(workloadManager.namesParentsUnder, { mountPath })
})

/**
 * A user asks the workload manager to delete a snapshot, as retention does: the next one is committed into the images of the
 * oldest.
 * @example When "alice" deletes snapshot 1 of "web"
 */
When(
  '{asker} deletes snapshot {int} of {string}',
  async function (this: DrillWorld, asker: RestoreAsker, snapshot: number, workload: string) {
    await this.rehearsal.userBackups.remove(asker, this.images({ workload, snapshot }))
  },
)
