import type { Command } from 'commander'
import type { RestoreKind } from '../restore/restore-plan.ts'
import type { RestoreRow } from '../store/state-schema.ts'
import { showView, type View } from './output/view.ts'
import { doing, viewCommand } from './view-command.ts'
import { visibleRow } from './visible-rows.ts'

/** Commands that restore snapshots. */
export function restoringCommands(): readonly Command[] {
  return [...kinds.map(restoreCommand), restoreCancel()]
}

interface KindText {
  readonly kind: RestoreKind
  readonly name: string
  readonly summary: string
  readonly notes: string
}

const kinds: readonly KindText[] = [
  {
    kind: 'oneclick',
    name: 'snapshot-oneclick-restore',
    summary: 'restore a snapshot as new instances with the same names',
    notes: `
The instances of the snapshot must not exist in this cloud. Its flavors,
networks and volume types must.

Example:
  $ workloadmgr snapshot-oneclick-restore ID`,
  },
  {
    kind: 'inplace',
    name: 'snapshot-inplace-restore',
    summary: 'restore a snapshot over the disks of existing instances',
    notes: `
The instances must exist in this cloud. They keep their ids.

Example:
  $ workloadmgr snapshot-inplace-restore ID`,
  },
  {
    kind: 'selective',
    name: 'snapshot-selective-restore',
    summary: 'restore chosen instances with other flavors, networks and volume types',
    notes: `
The file has the options of the product's API: openstack.instances with id,
name, include, flavor and vdisks (id, new_volume_type), and
openstack.networks_mapping.networks with snapshot_network and target_network.
Without a file, all instances are restored as they were.

Example:
  $ workloadmgr snapshot-selective-restore ID --filename restore.json`,
  },
]

const shared = `
The person needs the trustee role in the project of the workload, and the
project needs spare instances, volumes and snapshots in its quota. The role is
checked again before the data is read. A restore runs in the background: see
restore-show. A compute reads two restores at a time (assumption), the others
wait. The content is not verified, as in the product.`

function restoreCommand({ kind, name, summary, notes }: KindText): Command {
  const command = viewCommand('show', { name, summary, notes: `${notes.trim()}\n${shared}` })
    .argument('<snapshot_id>', 'id of the snapshot')
    .option('--compute <name>', 'compute that reads the data (assumption); default: the least busy one')
  if (kind !== 'oneclick') command.option('--filename <file>', 'JSON file with the options of the restore')
  return doing(
    command,
    async ({ manager, requester }, snapshotId: string, flags: { compute?: string; filename?: string }) => {
      const { requestRestore } = await import('../restore/request-restore.ts')
      const row = await requestRestore(manager, requester, {
        snapshotId,
        kind,
        ...(flags.compute !== undefined && { compute: flags.compute }),
        ...(flags.filename !== undefined && { file: await readFile(flags.filename) }),
      })
      return showStartedRestore(row)
    },
  )
}

async function readFile(path: string) {
  const [{ readNamedFile }, { parseRestoreFile }] = await Promise.all([
    import('../../localhost/named-file.ts'),
    import('../restore/restore-file.ts'),
  ])
  return parseRestoreFile(readNamedFile({ what: 'the mapping', path, maxBytes: 2 ** 20 }), path)
}

function restoreCancel(): Command {
  const command = viewCommand('show', {
    name: 'restore-cancel',
    summary: 'stop a restore, and remove its disks',
    notes: '\nExample:\n  $ workloadmgr restore-cancel ID',
  }).argument('<id>', 'id of the restore')
  return doing(command, async ({ manager, requester }, id: string) => {
    visibleRow('restore', id, manager.store.restores.find({ id }), requester)
    const { cancelRestore } = await import('../restore/cancel-restore.ts')
    return showStartedRestore(await cancelRestore(manager, id))
  })
}

function showStartedRestore({ id, name, status, type, snapshotId, compute, jobId }: RestoreRow): View {
  return showView({
    ...{ id, name, status, restore_type: type, snapshot_id: snapshotId, compute, job_id: jobId ?? null },
  })
}
