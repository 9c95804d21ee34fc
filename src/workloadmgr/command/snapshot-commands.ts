import type { Command } from 'commander'
import { listView, showView } from './output/view.ts'
import { doing, trueOrFalse, viewCommand } from './view-command.ts'
import { visibleRow, visibleRows } from './visible-rows.ts'

/** Snapshots of workloads that this site knows. */
export function snapshotCommands(): readonly Command[] {
  return [snapshotList(), snapshotShow()]
}

function snapshotList(): Command {
  const command = viewCommand('list', {
    name: 'snapshot-list',
    summary: 'list snapshots, the oldest first',
    notes: `
Examples:
  $ workloadmgr snapshot-list --workload_id ID
  $ workloadmgr snapshot-list --all True -f json`,
  })
    .option('--workload_id <id>', 'only the snapshots of this workload')
    .addOption(trueOrFalse('--all', 'as administrator, list those of all projects (assumption)'))
  return doing(
    command,
    async ({ manager, requester }, { workload_id, all }: { workload_id?: string; all?: boolean }) => {
      const { store } = manager
      if (workload_id !== undefined)
        visibleRow('workload', workload_id, store.workloads.find({ id: workload_id, isDeleted: false }), requester)
      const found = store.snapshots.list({
        isDeleted: false,
        ...(workload_id !== undefined && { workloadId: workload_id }),
      })
      const shown = workload_id === undefined ? visibleRows(found, requester, all) : found
      return listView(
        shown.toSorted((one, other) => one.createdAt.localeCompare(other.createdAt)),
        {
          ID: ({ id }) => id,
          Name: ({ name }) => name,
          Status: ({ status }) => status,
          'Snapshot Type': ({ type }) => type,
          'Workload ID': ({ workloadId }) => workloadId,
          Created: ({ createdAt }) => createdAt,
        },
      )
    },
  )
}

function snapshotShow(): Command {
  const command = viewCommand('show', {
    name: 'snapshot-show',
    summary: 'show one snapshot',
    notes: `
Example:
  $ workloadmgr snapshot-show ID -f json`,
  }).argument('<id>', 'id of the snapshot')
  return doing(command, async ({ manager, requester }, id: string) => {
    const snapshot = visibleRow('snapshot', id, manager.store.snapshots.find({ id, isDeleted: false }), requester)
    return showView({
      id: snapshot.id,
      name: snapshot.name,
      status: snapshot.status,
      error_msg: snapshot.errorText ?? null,
      warning_msg: snapshot.warningText ?? null,
      snapshot_type: snapshot.type,
      workload_id: snapshot.workloadId,
      project_id: snapshot.projectId,
      user_id: snapshot.userId,
      size: snapshot.sizeBytes,
      restore_size: snapshot.restoreSizeBytes,
      pinned: snapshot.isPinned,
      created_at: snapshot.createdAt,
      finished_at: snapshot.finishedAt ?? null,
    })
  })
}
