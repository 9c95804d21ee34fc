import type { Command } from 'commander'
import type { restoreColumns } from '../store/state-schema.ts'
import type { RowOf } from '../store/table-rows.ts'
import { listView, showView, type View } from './output/view.ts'
import { doing, trueOrFalse, viewCommand } from './view-command.ts'
import { visibleRow, visibleRows } from './visible-rows.ts'

/** Restores that were requested at this site. */
export function restoreCommands(): readonly Command[] {
  return [restoreList(), restoreShow()]
}

function restoreList(): Command {
  const command = viewCommand('list', {
    name: 'restore-list',
    summary: 'list restores, the oldest first',
    notes: `
Examples:
  $ workloadmgr restore-list --snapshot_id ID
  $ workloadmgr restore-list --all True -f csv`,
  })
    .option('--snapshot_id <id>', 'only the restores of this snapshot')
    .addOption(trueOrFalse('--all', 'as administrator, list those of all projects (assumption)'))
  return doing(
    command,
    async ({ manager, requester }, { snapshot_id, all }: { snapshot_id?: string; all?: boolean }) => {
      const found = manager.store.restores.list(snapshot_id === undefined ? {} : { snapshotId: snapshot_id })
      return listView(visibleRows(found, requester, all), {
        ID: ({ id }) => id,
        Name: ({ name }) => name,
        Status: ({ status }) => status,
        'Restore Type': ({ type }) => type,
        'Snapshot ID': ({ snapshotId }) => snapshotId,
        'Progress %': ({ progress }) => progress,
        Created: ({ createdAt }) => createdAt,
      })
    },
  )
}

function restoreShow(): Command {
  const command = viewCommand('show', {
    name: 'restore-show',
    summary: 'show one restore',
    notes: `
Example:
  $ workloadmgr restore-show ID -f value -c status`,
  }).argument('<id>', 'id of the restore')
  return doing(command, async ({ manager, requester }, id: string) =>
    showRestoreRow(visibleRow('restore', id, manager.store.restores.find({ id }), requester)),
  )
}

/** Returns a restore as a view. */
function showRestoreRow(row: RowOf<typeof restoreColumns>): View {
  return showView({
    id: row.id,
    name: row.name,
    status: row.status,
    error_msg: row.errorText ?? null,
    progress_percent: row.progress,
    progress_msg: row.progressText ?? null,
    restore_type: row.type,
    snapshot_id: row.snapshotId,
    project_id: row.projectId,
    user_id: row.userId,
    created_at: row.createdAt,
    finished_at: row.finishedAt ?? null,
    job_id: row.jobId ?? null,
  })
}
