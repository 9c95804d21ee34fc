import type { Command } from 'commander'
import type { RestoreRow } from '../store/state-schema.ts'
import { listView, showView, type View } from './output/view.ts'
import { doing, plainCommand, trueOrFalse, viewCommand } from './view-command.ts'
import { visibleRow, visibleRows } from './visible-rows.ts'

/** Restores that were requested at this site. */
export function restoreCommands(): readonly Command[] {
  return [restoreList(), restoreShow(), restoreEvidence()]
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

/** `restore-evidence`: what a drill needs to judge a restore, as JSON. It is hidden: the product has no such command. */
function restoreEvidence(): Command {
  const command = plainCommand({ name: 'restore-evidence', summary: 'print what became of each disk', notes: '' })
  return doing(command.argument('<id>'), async ({ manager, requester }, id: string) => {
    const row = visibleRow('restore', id, manager.store.restores.find({ id }), requester)
    process.stdout.write(`${JSON.stringify(row)}\n`)
    return undefined
  })
}

/** Returns a restore as a view. */
function showRestoreRow(row: RestoreRow): View {
  return showView({
    id: row.id,
    name: row.name,
    status: row.status,
    error_msg: row.errorText ?? null,
    progress_percent: row.progress,
    progress_msg: row.progressText ?? null,
    restore_type: row.type,
    snapshot_id: row.snapshotId,
    compute: row.compute,
    project_id: row.projectId,
    user_id: row.userId,
    created_at: row.createdAt,
    finished_at: row.finishedAt ?? null,
    job_id: row.jobId ?? null,
  })
}
