import type { Command } from 'commander'
import type { ImportOutcome } from '../import/import-workloads.ts'
import { listingView, warn } from './listing-view.ts'
import { type ListView, listView, showView } from './output/view.ts'
import { collect, doing, trueOrFalse, viewCommand } from './view-command.ts'
import { requireAdmin, scopeOf } from './visible-rows.ts'

/** Import: how workloads on targets get into the database of this site. */
export function importCommands(): readonly Command[] {
  return [importList(), importWorkloads(), orphanList()]
}

function importList(): Command {
  const command = viewCommand('list', {
    name: 'workload-get-importworkloads-list',
    summary: 'list the workloads on targets that can be imported',
    notes: `
Lists workloads of projects of this cloud. Those of other clouds are orphans.
Known issue of 6.x: without --project_id, the list shows wrong workloads.

Examples:
  $ workloadmgr workload-get-importworkloads-list
  $ workloadmgr workload-get-importworkloads-list --project_id ID -f json`,
  }).option('--project_id <id>', 'only workloads of this project')
  return doing(command, async ({ manager, requester }, { project_id }: { project_id?: string }) => {
    const { listImportable } = await import('../listing/list-importable.ts')
    const scope = project_id === undefined ? scopeOf(requester, requester.isAdmin) : { projectId: project_id }
    return listingView(await listImportable(manager, scope))
  })
}

function importWorkloads(): Command {
  const command = viewCommand('list', {
    name: 'workload-importworkloads',
    summary: 'import workloads of this cloud from the targets',
    notes: `
Without ids, all workloads of this cloud are imported. Workloads of unknown
projects are listed as failed, and workloads that the site knows as skipped. No
image is opened: an import succeeds although its images cannot be restored yet.

From version 4.3 on, the command starts a job and prints its id. See job-show
(assumption). For earlier versions, it waits. It exits with 1 if a workload
whose id was given is not imported (assumption).

Examples:
  $ workloadmgr workload-importworkloads
  $ workloadmgr workload-importworkloads --workloadids ID --workloadids ID`,
  }).option('--workloadids <id>', 'id of a workload (repeatable)', collect)
  return doing(command, async ({ manager, requester }, { workloadids }: { workloadids?: readonly string[] }) => {
    requireAdmin(requester)
    const { importKind, importWork, startImport } = await import('../import/import-workloads.ts')
    if (hasImportJobs(manager.config.version)) {
      const { id, status } = await startImport(manager, workloadids)
      return showView({ job_id: id, status })
    }
    const { runJobHere } = await import('../job/start-job.ts')
    const request = { kind: importKind, arguments: { ...(workloadids && { workloadIds: workloadids }) } }
    const { result } = await runJobHere(manager.store, request, importWork(manager))
    const outcome = result as ImportOutcome
    if (workloadids !== undefined && outcome.failed.length > 0) process.exitCode = 1
    return importView(outcome)
  })
}

/** True for versions whose imports are jobs. */
function hasImportJobs(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 4 || (major === 4 && minor >= 3)
}

/** Returns the outcome of an import as a view. Failures are printed to standard error, too. */
export function importView({ imported, skipped, failed, unreadTargets }: ImportOutcome): ListView {
  for (const { name, problem } of unreadTargets) warn(`backup target ${name} was not read: ${problem}`)
  for (const { id, error } of failed) warn(`workload ${id || '(unknown)'} was not imported: ${error}`)
  const rows = [
    ...imported.map(({ id, name, snapshotCount }) => ({ id, name, snapshotCount, status: 'imported', why: null })),
    ...skipped.map(({ id, reason }) => ({ id, name: null, snapshotCount: null, status: 'skipped', why: reason })),
    ...failed.map(({ id, error }) => ({ id, name: null, snapshotCount: null, status: 'failed', why: error })),
  ]
  return listView(rows, {
    ID: ({ id }) => id,
    Name: ({ name }) => name,
    Status: ({ status }) => status,
    Snapshots: ({ snapshotCount }) => snapshotCount,
    Reason: ({ why }) => why,
  })
}

function orphanList(): Command {
  const command = viewCommand('list', {
    name: 'workload-get-orphaned-workloads-list',
    summary: 'list workloads without an owner in this cloud',
    notes: `
Without --migrate_cloud, lists workloads in the database whose project or user
does not exist. With it, reads the whole storage, and lists every workload
whose project does not exist here, or whose owner has no role in it. Records
that cannot be read are skipped with a warning, and are not an error.

Examples:
  $ workloadmgr workload-get-orphaned-workloads-list --migrate_cloud True
  $ workloadmgr workload-get-orphaned-workloads-list --migrate_cloud True \\
      --generate_yaml True >map.yaml`,
  })
    .addOption(trueOrFalse('--migrate_cloud', 'read the whole storage, for workloads of other clouds'))
    .addOption(trueOrFalse('--generate_yaml', 'print a map file to fill in, for a reassignment, instead of the list'))
    .option('--project_id <id>', 'only workloads of this project')
  interface Flags {
    readonly migrate_cloud?: boolean
    readonly generate_yaml?: boolean
    readonly project_id?: string
  }
  return doing(command, async ({ manager, requester }, flags: Flags) => {
    requireAdmin(requester)
    const { listOrphans } = await import('../listing/list-orphans.ts')
    const { migrate_cloud: migrateCloud = false, project_id: projectId } = flags
    const found = await listOrphans(manager, { migrateCloud, ...(projectId !== undefined && { projectId }) })
    const view = listingView(found)
    if (flags.generate_yaml !== true) return view
    const { mapFileText } = await import('../listing/map-file.ts')
    process.stdout.write(mapFileText(found, migrateCloud))
    return undefined
  })
}
