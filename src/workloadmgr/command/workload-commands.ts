import { type Command, InvalidArgumentError } from 'commander'
import type { KnownWorkload } from '../store/state-schema.ts'
import { listingView, warn } from './listing-view.ts'
import { listView, showView } from './output/view.ts'
import { collect, doing, trueOrFalse, viewCommand } from './view-command.ts'
import { scopeOf, visibleRow } from './visible-rows.ts'

/** Workloads in the database of this site, and their schedules. */
export function workloadCommands(): readonly Command[] {
  return [
    workloadList(),
    workloadShow(),
    workloadCreate(),
    scheduler('enable-scheduler', true),
    scheduler('disable-scheduler', false),
  ]
}

function workloadList(): Command {
  const command = viewCommand('list', {
    name: 'workload-list',
    summary: 'list the workloads of a project',
    notes: `
Lists the workloads that this site knows: after the loss of a site, none until
they are imported. An empty list is not an error. The ownership is "mixed" if
a reassignment was interrupted: records of one workload name two owners.

Examples:
  $ workloadmgr workload-list
  $ workloadmgr workload-list --all True -f csv -c ID -c "Project ID"`,
  }).addOption(trueOrFalse('--all', 'as administrator, list those of all projects (assumption)'))
  return doing(command, async ({ manager, requester }, { all = false }: { all?: boolean }) => {
    const { listWorkloads } = await import('../listing/known-workloads.ts')
    const scope = scopeOf(requester, all)
    return listingView(await listWorkloads(manager, scope))
  })
}

function workloadShow(): Command {
  const command = viewCommand('show', {
    name: 'workload-show',
    summary: 'show one workload',
    notes: `
Examples:
  $ workloadmgr workload-show ID
  $ workloadmgr workload-show ID -f value -c scheduler`,
  }).argument('<id>', 'id of the workload')
  return doing(command, async ({ manager, requester }, id: string) => {
    const { showWorkload } = await import('../listing/known-workloads.ts')
    const scope = requester.isAdmin ? undefined : requester.projectId
    const { workload, snapshots, instances, ownership, problem } = await showWorkload(manager, id, scope)
    if (problem !== undefined) warn(problem)
    return showView({
      id: workload.id,
      name: workload.name,
      description: workload.description ?? null,
      status: workload.status,
      error_msg: workload.errorText ?? null,
      project_id: workload.projectId,
      user_id: workload.userId,
      ownership,
      scheduler: workload.isScheduled ? 'enabled' : 'disabled',
      jobschedule: workload.schedule ?? null,
      instances: instances.map((one) => `${one.name} (${one.id})`),
      snapshots: snapshots.length,
      backup_target_type: workload.target,
      encryption: workload.isEncrypted,
      secret_uuid: workload.secretId ?? null,
      created_at: workload.createdAt ?? null,
      updated_at: workload.updatedAt ?? null,
    })
  })
}

function workloadCreate(): Command {
  const command = viewCommand('show', {
    name: 'workload-create',
    summary: 'create a workload that protects instances',
    notes: `
An instance belongs to one workload. The backup target type cannot be changed
later. Without --manual, the workload has a daily schedule (assumption).

Examples:
  $ workloadmgr workload-create --instance UUID --display-name web
  $ workloadmgr workload-create --instance UUID --display-name web \\
      --backup-target-type target-1 --manual retention=30`,
  })
    .requiredOption('--instance <id>', 'id of an instance (repeatable)', collect)
    .requiredOption('--display-name <name>', 'name of the workload')
    .option('--backup-target-type <name>', 'name of the backup target type (default: the default one)')
    .option('--manual <retention>', 'take no scheduled snapshot; retention=N is how many are kept', readRetention)
  interface Flags {
    readonly instance: readonly string[]
    readonly displayName: string
    readonly backupTargetType?: string
    readonly manual?: number
  }
  return doing(command, async ({ manager, requester }, flags: Flags) => {
    const { createWorkload } = await import('../create/create-workload.ts')
    const workload = await createWorkload(manager, {
      ...{ name: flags.displayName, instances: flags.instance },
      ...{ userId: requester.userId, projectId: requester.projectId },
      ...(flags.backupTargetType !== undefined && { target: flags.backupTargetType }),
      ...(flags.manual !== undefined && { manualRetention: flags.manual }),
    })
    return showView({
      id: workload.id,
      name: workload.name,
      status: workload.status,
      scheduler: workload.isScheduled ? 'enabled' : 'disabled',
      backup_target_type: workload.target,
    })
  })
}

function readRetention(text: string): number {
  const [, number] = /^retention=([1-9]\d{0,4})$/.exec(text) ?? []
  if (number === undefined) throw new InvalidArgumentError('Write retention=N, with N from 1 on.')
  return Number(number)
}

function scheduler(name: string, isOn: boolean): Command {
  const verb = isOn ? 'enable' : 'disable'
  const command = viewCommand('list', {
    name,
    summary: `${verb} the schedule of workloads`,
    notes: `
${isOn ? 'A reassignment disables schedules. An import does not change them.\n' : ''}The spelling of the option is an assumption.

Example:
  $ workloadmgr ${name} --workloadids ID`,
  }).requiredOption('--workloadids <id>', 'id of a workload (repeatable)', collect)
  return doing(command, async ({ manager, requester }, { workloadids }: { workloadids: readonly string[] }) => {
    const { enableSchedule } = await import('../schedule/enable-schedule.ts')
    const changed: KnownWorkload[] = []
    for (const id of workloadids) {
      visibleRow('workload', id, manager.store.workloads.find({ id, isDeleted: false }), requester)
      changed.push(await enableSchedule(manager, id, isOn))
    }
    return listView(changed, {
      ID: ({ id }) => id,
      Name: ({ name }) => name,
      Scheduler: ({ isScheduled }) => (isScheduled ? 'enabled' : 'disabled'),
    })
  })
}
