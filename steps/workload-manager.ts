// The workload manager
import { Then, When } from '@cucumber/cucumber'
import { InputError, workloadManager } from '../src/index.ts'
import type { OwnerChoice, PersonChoice } from './parameters/person.ts'
import type { DrillWorld } from './support/world.ts'

/**
 * Runs a command of the workload manager on the appliance, as the person. Records what it prints, and its exit code.
 * @example When an administrator runs "workloadmgr backup-target-list"
 * @example When "alice" in project "web-shop" runs "workloadmgr workload-list -f csv"
 */
When('{person} runs "workloadmgr {}"', async function (this: DrillWorld, person: PersonChoice, line: string) {
  await this.rehearsal.manager.run(line.split(' ').filter(Boolean), person)
})

/**
 * Lists the workloads in the database of the site, for the project of the person. An administrator lists those of all
 * projects.
 * @example When "alice" in project "web-shop" lists the workloads
 * @example When an administrator lists the workloads
 */
When('{person} lists the workloads', async function (this: DrillWorld, person: PersonChoice) {
  const all = person === undefined ? ['--all', 'True'] : []
  await this.rehearsal.manager.list(['workload-list', ...all], person)
})

/**
 * Lists the workloads that can be imported: those on the targets that belong to projects of this cloud.
 * @example When an administrator lists the importable workloads
 */
When('{person} lists the importable workloads', async function (this: DrillWorld, person: PersonChoice) {
  await this.rehearsal.manager.list(['workload-get-importworkloads-list'], person)
})

/**
 * Lists the orphaned workloads: those in the database whose project or user is gone.
 * @example When an administrator lists the orphaned workloads
 */
When('{person} lists the orphaned workloads', async function (this: DrillWorld, person: PersonChoice) {
  await this.rehearsal.manager.list(['workload-get-orphaned-workloads-list'], person)
})

/**
 * Reads the whole storage, and lists every workload whose project is unknown here, or whose owner has no role in it: those
 * of other clouds.
 * @example When an administrator lists the orphaned workloads of the whole storage
 */
When(
  '{person} lists the orphaned workloads of the whole storage',
  async function (this: DrillWorld, person: PersonChoice) {
    await this.rehearsal.manager.list(['workload-get-orphaned-workloads-list', '--migrate_cloud', 'True'], person)
  },
)

/**
 * Judges what the last list contains.
 * @example Then the list contains workload "web"
 * @example Then the list contains workloads "web" and "db"
 */
Then('the list contains {workloads}', function (this: DrillWorld, workloads: readonly string[] | 'every') {
  this.drill.judge(workloadManager.listContains, { workloads: this.workloads(workloads), isListed: true })
})

/**
 * Judges what the last list does not contain.
 * @example Then the list does not contain workload "db"
 */
Then('the list does not contain {workloads}', function (this: DrillWorld, workloads: readonly string[] | 'every') {
  this.drill.judge(workloadManager.listContains, { workloads: this.workloads(workloads), isListed: false })
})

/**
 * Judges that the last list is empty. An empty list is not an error for the workload manager.
 * @example Then the list is empty
 */
Then('the list is empty', function (this: DrillWorld) {
  this.drill.judge(workloadManager.listIsEmpty, {})
})

/**
 * Imports workloads of this cloud, and waits for the job if the version starts one. Records the owners and schedules of all
 * workloads afterwards.
 * @example When an administrator imports every workload
 * @example When an administrator imports workload "web"
 */
When(
  '{person} imports {workloads}',
  async function (this: DrillWorld, person: PersonChoice, workloads: readonly string[] | 'every') {
    await this.rehearsal.manager.importWorkloads(workloads, person)
  },
)

/**
 * Gives a workload that the site knows to a user in a project. Records the owners and schedules of all workloads
 * afterwards.
 * @example When an administrator reassigns workload "web" to "alice" in project "web-shop"
 */
When(
  '{person} reassigns workload {string} to {owner}',
  async function (this: DrillWorld, person: PersonChoice, workload: string, owner: OwnerChoice) {
    await this.rehearsal.manager.reassign(workload, this.rehearsal.people.find(owner), { migrateCloud: false, person })
  },
)

/**
 * Gives a workload of another cloud to a user in a project: reads the whole storage, rewrites the records, and imports the
 * workload.
 * @example When an administrator reassigns workload "web" of another cloud to "alice" in project "web-shop"
 */
When(
  '{person} reassigns workload {string} of another cloud to {owner}',
  async function (this: DrillWorld, person: PersonChoice, workload: string, owner: OwnerChoice) {
    await this.rehearsal.manager.reassign(workload, this.rehearsal.people.find(owner), { migrateCloud: true, person })
  },
)

/**
 * Does the same with the id of a project that does not exist at this site, e.g. one of the lost site.
 * @example When an administrator reassigns workload "web" of another cloud to "alice" in a project that does not exist
 */
When(
  '{person} reassigns workload {string} of another cloud to {string} in a project that does not exist',
  async function (this: DrillWorld, person: PersonChoice, workload: string, user: string) {
    const owner = this.rehearsal.people.inUnknownProject(user)
    await this.rehearsal.manager.reassign(workload, owner, { migrateCloud: true, person })
  },
)

/**
 * Enables the schedules of workloads, which a reassignment disables. Records the owners and schedules of all workloads
 * afterwards.
 * @example When an administrator enables the schedule of workload "web"
 */
When(
  '{person} enables the schedule of workload {string}',
  async function (this: DrillWorld, who: PersonChoice, name: string) {
    await this.rehearsal.manager.setSchedule(name, true, who)
  },
)

/**
 * Records the owner and the schedule of every workload: in its records on the target, and in the database.
 * @example When the owners of workloads are recorded
 */
When('the owners of workloads are recorded', async function (this: DrillWorld) {
  await this.rehearsal.manager.look()
})

/**
 * Judges that every command that the last step ran has exited with 0. A failed command that no step expects fails the
 * scenario.
 * @example Then the workload manager succeeds
 */
Then('the workload manager succeeds', function (this: DrillWorld) {
  this.drill.judge(workloadManager.managerSucceeds, {})
})

/**
 * Judges that every command that the last step ran has failed with a message that contains this text, in any case of
 * letters.
 * @example Then the workload manager fails because "user not found"
 */
Then('the workload manager fails because {string}', function (this: DrillWorld, because: string) {
  this.drill.judge(workloadManager.managerFails, { because })
})

/**
 * Judges that every command that the last step ran has printed this text to standard output.
 * @example Then the workload manager prints "Status"
 */
Then('the workload manager prints {string}', function (this: DrillWorld, text: string) {
  this.drill.judge(workloadManager.managerPrints, { text })
})

/**
 * Judges the status of the last job: `available` if it succeeded, otherwise `error` or `cancelled`.
 * @example Then the job ends as "available"
 */
Then('the job ends as {string}', function (this: DrillWorld, status: string) {
  this.drill.judge(workloadManager.managerJobEnds, { status })
})

/**
 * Judges that the job has failed with this text.
 * @example Then the job fails because "interrupted"
 */
Then('the job fails because {string}', function (this: DrillWorld, because: string) {
  this.drill.judge(workloadManager.managerJobEnds, { status: 'error', because })
})

/**
 * Judges who owns a workload: every record on the target, and the database of the site.
 * @example Then workload "web" is owned by "alice" in project "web-shop"
 */
Then('workload {string} is owned by {owner}', function (this: DrillWorld, workload: string, owner: OwnerChoice) {
  const expected = { workload, ...this.rehearsal.people.find(owner) }
  this.drill.judge(workloadManager.recordsNameOwner, expected)
  this.drill.judge(workloadManager.databaseNamesOwner, expected)
})

/**
 * Judges that every record of a workload on the target still names the owner that it was backed up with.
 * @example Then the records of workload "web" still name the old owner
 */
Then('the records of workload {string} still name the old owner', function (this: DrillWorld, workload: string) {
  this.drill.judge(workloadManager.recordsNameOwner, { workload, ...this.rehearsal.people.ownerOf(workload) })
})

/**
 * Judges which share the records of a workload on the target name. An import writes the share of the site into each record,
 * so the records of a replica name another share afterwards.
 * @example Then the records of workload "web" name the share "10.20.2.20:/replica"
 */
Then(
  'the records of workload {string} name the share {share}',
  function (this: DrillWorld, workload: string, share: string) {
    this.drill.judge(workloadManager.recordsNameShare, { workload, share })
  },
)

/**
 * Judges that the site knows workloads: they are in the database of the workload manager.
 * @example Then the site knows every workload
 * @example Then the site knows workload "web"
 */
Then('the site knows {workloads}', function (this: DrillWorld, workloads: readonly string[] | 'every') {
  for (const workload of this.workloads(workloads))
    this.drill.judge(workloadManager.siteKnowsWorkload, { workload, isKnown: true })
})

/**
 * Judges that the site does not know workloads, and so cannot restore them.
 * @example Then the site does not know workload "db"
 */
Then('the site does not know {workloads}', function (this: DrillWorld, workloads: readonly string[] | 'every') {
  for (const workload of this.workloads(workloads))
    this.drill.judge(workloadManager.siteKnowsWorkload, { workload, isKnown: false })
})

/**
 * Judges the schedule of a workload, in its record and in the database. A disabled schedule takes no snapshot.
 * @example Then the schedule of workload "web" is disabled
 * @example Then the schedule of workload "web" is enabled
 */
Then('the schedule of workload {string} is {word}', function (this: DrillWorld, workload: string, schedule: string) {
  if (schedule !== 'enabled' && schedule !== 'disabled')
    throw new InputError(`a schedule is enabled or disabled, not "${schedule}"`)
  this.drill.judge(workloadManager.scheduleIs, { workload, schedule })
})
