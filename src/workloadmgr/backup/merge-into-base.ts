import { commit } from '../../image/qemu.ts'
import { runBatch } from '../../restore/batch.ts'
import { snapshotFolder } from '../../target/layout.ts'
import type { WorkloadManager } from '../manager.ts'
import type { BackupTarget } from '../manager-config.ts'
import { RecordFolder } from '../records/record-folder.ts'
import { originPathsOf, parentIn } from '../restore/origin-paths.ts'
import type { SavedDisk } from '../restore/restore-plan.ts'
import type { ServiceShell } from '../restore/service-shells.ts'
import { readSnapshotContents } from '../restore/snapshot-contents.ts'
import type { KnownSnapshot } from '../store/state-schema.ts'
import { recordMerge } from './record-merge.ts'

/**
 * Commits the images of a snapshot into their bases in the oldest one, and moves each merged file to the path of the later
 * image, so that the images after it keep their parents. An image is committed by the name of its parent, so its origin path
 * has to resolve on the appliance. Returns true if the later snapshot depends on the oldest one, or did before an
 * interruption.
 * @throws Error that names the image; CommandError
 */
export async function mergeIntoBase(
  manager: WorkloadManager,
  { shell }: ServiceShell,
  target: BackupTarget,
  oldest: KnownSnapshot,
  next: KnownSnapshot,
): Promise<boolean> {
  const { user } = manager.config
  const { mountPath } = target
  const pathOf = ({ imagePath }: SavedDisk): string => `${mountPath}/${imagePath}`
  const { workloadId } = next
  const place = { target, workloadId, snapshotId: next.id }
  const disks = readSnapshotContents(place).flatMap((vm) => vm.disks)
  const base = `${snapshotFolder({ workloadId, snapshotId: oldest.id })}/`
  const parents = await Promise.all(disks.map((disk) => parentIn(pathOf(disk))))
  const dependent = disks.flatMap((disk, nth) => {
    const parent = parents[nth]?.path
    return parent?.startsWith(base) ? [{ disk, parent }] : []
  })
  const paths = await Promise.all(dependent.map(({ disk }) => originPathsOf(mountPath, disk.imagePath)))
  const roots = [...new Set([...manager.targets.map((one) => one.mountPath), ...paths.flat()])]
  const outcomes = await runBatch(
    shell,
    dependent.map(({ disk }) => ({
      id: pathOf(disk),
      argv: commit(pathOf(disk)),
      chain: { image: pathOf(disk), roots },
    })),
    { part: 'reading', user, stallMs: 300_000 },
  )
  for (const { disk } of dependent) {
    const attempt = outcomes.get(pathOf(disk))?.attempt
    if (attempt?.exitCode === 0) continue
    const why = attempt?.refusal?.sentence ?? attempt?.stderr.trim().split('\n').at(-1)
    throw new Error(`cannot commit ${pathOf(disk)} into its base: ${why || attempt?.ended}`)
  }
  const moves = dependent.flatMap(({ disk, parent }) => [`${mountPath}/${parent}`, pathOf(disk)])
  const script = 'while [ $# -gt 0 ]; do mv -f -- "$1" "$2"; shift 2; done'
  if (moves.length > 0) await shell.run({ script, args: moves }, { user })
  using folder = RecordFolder.at(`${mountPath}/${snapshotFolder(place)}`)
  const changed = await recordMerge(folder, mountPath)
  if (changed) manager.store.snapshots.change({ id: next.id }, { type: 'full' })
  return dependent.length > 0 || changed
}
