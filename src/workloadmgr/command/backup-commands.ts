import { type Command, InvalidArgumentError, Option } from 'commander'
import { listView, showView } from './output/view.ts'
import { doing, viewCommand } from './view-command.ts'
import { requireAdmin, visibleRow } from './visible-rows.ts'

/** Commands that take and delete snapshots. */
export function backupCommands(): readonly Command[] {
  return [workloadSnapshot(), snapshotDelete(), schedulerRun()]
}

function workloadSnapshot(): Command {
  const command = viewCommand('show', {
    name: 'workload-snapshot',
    summary: 'take a snapshot of a workload',
    notes: `
The snapshot continues the chain of the latest one. Its images name their
parents below the mount path of this site, whatever older ones name.
The instances must exist in this cloud: restore them first.

Examples:
  $ workloadmgr workload-snapshot ID
  $ workloadmgr workload-snapshot ID --full --display-name "before the upgrade"`,
  })
    .argument('<workload_id>', 'id of the workload')
    .option('--full', 'take a full snapshot')
    .option('--display-name <name>', 'name of the snapshot')
  return doing(
    command,
    async ({ manager, requester }, workloadId: string, flags: { full?: boolean; displayName?: string }) => {
      const { requestSnapshot } = await import('../backup/request-snapshot.ts')
      const { id, name, status, type, jobId } = await requestSnapshot(manager, requester, {
        workloadId,
        isFull: flags.full === true,
        ...(flags.displayName !== undefined && { name: flags.displayName }),
      })
      return showView({ id, name, status, snapshot_type: type, workload_id: workloadId, job_id: jobId ?? null })
    },
  )
}

function snapshotDelete(): Command {
  const command = viewCommand('show', {
    name: 'snapshot-delete',
    summary: 'delete a snapshot',
    notes: `
The next snapshot is committed into the images of the oldest one first, as in
older releases (assumption: still so). A snapshot that later ones need is only
marked. On a read-only replica, nothing is changed.

Example:
  $ workloadmgr snapshot-delete ID`,
  }).argument('<id>', 'id of the snapshot')
  return doing(command, async ({ manager, requester }, id: string) => {
    visibleRow('snapshot', id, manager.store.snapshots.find({ id, isDataDeleted: false }), requester)
    const { deleteSnapshot } = await import('../backup/delete-snapshot.ts')
    return showView({ id, deletion: await deleteSnapshot(manager, requester, id) })
  })
}

function schedulerRun(): Command {
  const command = viewCommand('list', {
    name: 'scheduler-run',
    summary: 'start the scheduled snapshots that are due',
    notes: `
For administrators. The command is an assumption: the product's scheduler is a
service. The owner of the workload needs the trustee role at that moment. After
a reassignment, no snapshot is due: schedules are disabled.

Example:
  $ workloadmgr scheduler-run --at 2026-12-24T06:00:00Z`,
  }).addOption(new Option('--at <time>', 'time that counts as now; default: now').argParser(timeOf))
  return doing(command, async ({ manager, requester }, { at = new Date() }: { at?: Date }) => {
    requireAdmin(requester)
    const { runSchedule } = await import('../backup/run-schedule.ts')
    const outcomes = await runSchedule(manager, at)
    if (outcomes.some(({ problem }) => problem !== undefined)) process.exitCode = 1
    return listView(outcomes, {
      ID: ({ workload }) => workload.id,
      Name: ({ workload }) => workload.name,
      'Snapshot ID': ({ snapshot }) => snapshot?.id ?? null,
      Error: ({ problem }) => problem ?? null,
    })
  })
}

function timeOf(text: string): Date {
  const time = new Date(text)
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('Allowed: a time like 2026-12-24T06:00:00Z.')
  return time
}
