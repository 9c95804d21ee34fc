import { InputError } from '../errors.ts'
import { quote, quoteWord } from '../shell/quote.ts'
import type { Argv, CommandOptions, Shell, User } from '../shell/shell.ts'
import { diskFolder, imagePath } from '../target/layout.ts'
import { type BackupPlan, chainOf, type DiskInPlan, disksOf, placeOf, snapshotIdOf } from './backup-plan.ts'
import type { Catalog, ImageRecord } from './catalog.ts'
import { changeLiveDisks } from './live-disk.ts'
import { recordFiles } from './plan-records.ts'
import type { RecordFile } from './records.ts'
import { liveDisk, takeImage } from './taking.ts'

export interface BackupOptions {
  /** User of the product. Images, records and live disks belong to it. */
  readonly user: User
  /** Mount path of the share: the origin path of the images. */
  readonly mountPath: string
  /** The share, as the records name it: `host:/path`. Undefined if they do not. */
  readonly share?: string
  /** Folder for live disks, on the node's own disk. It is created if it is missing. Without spaces: qemu-io cannot quote. */
  readonly workDirectory: string
  readonly plan: BackupPlan
  /** Number of snapshots in the end: one full, the others incremental. */
  readonly snapshots: number
  /** Number of those that were taken earlier, on the same node with the same work directory. Default: 0. */
  readonly taken?: number
  /** Called with each image as soon as its snapshot is complete, and with the time when the snapshot began. */
  readonly onImage?: (image: ImageRecord, takenAt: Date) => void
  readonly signal?: AbortSignal
}

/**
 * Backs workloads up on one node, as the primary site's product does. Between snapshots the live disks change. Each
 * snapshot writes one image for each disk, through the mount path and as the product's user, and the records beside it.
 * The digests are those of the live disks. A snapshot takes few processes, because they are expensive in a guest: one
 * Python for all live disks, and two of QEMU's for each disk.
 * @throws InputError; CommandError, with complete snapshots left on the share
 */
export async function backUp(shell: Shell, options: BackupOptions): Promise<Catalog> {
  const { plan, mountPath, user, workDirectory } = options
  if (!/^\/[^\s]*$/.test(workDirectory))
    throw new InputError(
      `${JSON.stringify(workDirectory)} is not a work directory: it must be an absolute path without spaces`,
    )
  if (!/^\/.*[^/]$/.test(mountPath))
    throw new InputError(
      `${JSON.stringify(mountPath)} is not a mount path: it must be an absolute path without a slash at the end`,
    )
  const limits: CommandOptions = { deadlineMs: 900_000, ...(options.signal && { signal: options.signal }) }
  const asProduct = { ...limits, user, cwd: mountPath }
  await shell.run(['install', '-d', '-m', '0700', '-o', `${user.uid}`, '-g', `${user.gid}`, workDirectory], limits)

  const images: ImageRecord[] = []
  for (let snapshot = (options.taken ?? 0) + 1; snapshot <= options.snapshots; snapshot++) {
    const startedAt = new Date()
    const disks = disksOf(plan).map((planned, nth) => ({
      planned,
      ...liveDisk(`${workDirectory}/${nth}`, planned.disk, snapshot),
    }))
    const digests = await changeLiveDisks(shell, disks, { ...limits, user })
    const commands = disks.flatMap((disk) => {
      const [path = '', parent] = chainOf(plan, disk.planned, snapshot).map((one) => `${mountPath}/${one}`)
      return takeImage(disk, path, parent === undefined ? undefined : { path: parent, name: parent })
    })
    const folders = disks.map((disk) => diskFolder(placeOf(plan, disk.planned, snapshot)))
    const paths = disks.map((disk) => imagePath(placeOf(plan, disk.planned, snapshot)))
    const { stdout } = await shell.run(
      batch([['mkdir', '-p', plan.cloudId, ...folders], ...commands, ['stat', '-c', '%s', ...paths]]),
      asProduct,
    )
    const fileBytes = new Map(
      stdout
        .trim()
        .split('\n')
        .map((size, nth) => [paths[nth] ?? '', Number(size)]),
    )
    const recorded = new Map(paths.map((path, nth) => [path, digests[nth] ?? '']))
    const share = options.share === undefined ? {} : { share: options.share }
    const taken = { snapshot, startedAt, finishedAt: new Date(), fileBytes, digests: recorded, ...share }
    const records = recordFiles(plan, taken)
    await shell.run(writing(records), asProduct)

    for (const [nth, disk] of disks.entries()) {
      const image = imageRecord(plan, disk.planned, snapshot, digests[nth] ?? '')
      images.push(image)
      options.onImage?.(image, startedAt)
    }
  }
  return { images, originPath: mountPath }
}

function imageRecord(plan: BackupPlan, planned: DiskInPlan, snapshot: number, digest: string): ImageRecord {
  const place = placeOf(plan, planned, snapshot)
  return {
    workload: planned.workload.name,
    workloadId: planned.workload.id,
    vm: planned.vm.name,
    vmId: planned.vm.id,
    disk: planned.disk.device,
    snapshot,
    snapshotId: snapshotIdOf(plan, planned.workload, snapshot),
    type: snapshot === 1 ? 'full' : 'incremental',
    path: imagePath(place),
    chain: chainOf(plan, planned, snapshot),
    virtualSizeBytes: planned.disk.virtualSizeBytes,
    digest,
  }
}

function batch(commands: readonly Argv[]) {
  return { script: commands.map(quote).join('\n') }
}

/** Writes files with the shell's own `printf`, which takes no process. */
function writing(records: readonly RecordFile[]) {
  return {
    script: records.map(({ path, content }) => `printf %s ${quoteWord(content)} >${quoteWord(path)}`).join('\n'),
  }
}
