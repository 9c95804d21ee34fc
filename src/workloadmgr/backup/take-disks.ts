import { randomUUID } from 'node:crypto'
import { writesOf } from '../../backup/live-disk.ts'
import { convert } from '../../backup/taking.ts'
import { create, readOut, write } from '../../image/qemu.ts'
import { runBatch } from '../../restore/batch.ts'
import { quote } from '../../shell/quote.ts'
import type { Argv, CommandOptions, Shell, User } from '../../shell/shell.ts'
import { diskFolder, type ImagePlace, imagePath } from '../../target/layout.ts'
import { originPathsOf } from '../restore/origin-paths.ts'
import { findChanges } from './changed-blocks.ts'

/** A disk of an instance that is to be backed up. */
export interface DiskToTake {
  readonly vmId: string
  readonly device: string
  /** Its file on the compute. */
  readonly path: string
  readonly virtualSizeBytes: number
  /** The image of the snapshot before, relative to the mount path. Undefined for a full image. */
  readonly parent?: string
}

/** The image of a disk. */
export interface TakenDisk extends DiskToTake {
  readonly place: ImagePlace
  readonly sizeBytes: number
  readonly digest: string
}

export interface TakeOptions {
  readonly compute: Shell
  readonly user: User
  /** The mount path of the target at this site: the origin path of the new images. */
  readonly mountPath: string
  /** Mount paths that names in images may lead to beside the origin paths of the chains. */
  readonly roots: readonly string[]
  readonly workloadId: string
  readonly snapshotId: string
  /** A folder on the compute for files that are removed afterwards. Without spaces: qemu-io cannot quote. */
  readonly workFolder: string
  readonly signal: AbortSignal
}

/**
 * Writes the images of a snapshot on a compute, through the mount path of its site. An incremental image holds what differs
 * from the snapshot before, and names its parent below the mount path of this site, wherever older images name theirs.
 * @throws Error if the snapshot before cannot be read; CommandError
 */
export async function takeDisks(disks: readonly DiskToTake[], options: TakeOptions): Promise<readonly TakenDisk[]> {
  const { compute, user, mountPath, workloadId, snapshotId, workFolder, signal } = options
  const limits: CommandOptions = { user, signal, deadlineMs: 900_000 }
  await compute.run(['mkdir', '-p', '-m', '700', '--', workFolder], limits)
  try {
    const previous = await readPrevious(disks, options)
    const changes = await findChanges(
      compute,
      disks.map(({ path }, nth) => {
        const file = previous.get(nth)
        return { path, ...(file !== undefined && { last: { previous: file, copies: `${workFolder}/${nth}.change.` } }) }
      }),
      { ...limits, stallMs: 60_000 },
    )
    const places = disks.map(({ vmId, device }) => {
      const ids = { resourceId: randomUUID(), imageId: randomUUID() }
      return { workloadId, snapshotId, vmId, device, ...ids }
    })
    const commands = disks.flatMap(({ path, parent, virtualSizeBytes }, nth): readonly Argv[] => {
      const image = places[nth] && `${mountPath}/${imagePath(places[nth])}`
      if (image === undefined) return []
      if (parent === undefined) return [convert({ format: 'raw', path }, image)]
      const overlay = `${workFolder}/${nth}.overlay`
      const graph = { path: overlay, parent: `${mountPath}/${parent}` }
      const writes = writesOf(changes[nth]?.changes ?? [], `${workFolder}/${nth}.change.`)
      return [
        create(overlay, virtualSizeBytes),
        ...(writes.length > 0 ? [write({ graph }, writes)] : []),
        convert({ graph }, image, { name: graph.parent }),
      ]
    })
    const folders = places.map((place) => `${mountPath}/${diskFolder(place)}`)
    const paths = places.map((place) => `${mountPath}/${imagePath(place)}`)
    const all: readonly Argv[] = [['mkdir', '-p', '--', ...folders], ...commands, ['stat', '-c', '%s', '--', ...paths]]
    const { stdout } = await compute.run({ script: all.map(quote).join('\n') }, limits)
    const sizes = stdout.trim().split('\n').map(Number)
    return disks.map((disk, nth) => ({
      ...disk,
      place: places[nth] as ImagePlace,
      sizeBytes: sizes[nth] ?? 0,
      digest: changes[nth]?.digest ?? '',
    }))
  } finally {
    await compute.try(['rm', '-rf', '--', workFolder], { user, deadlineMs: 30_000 }).catch(() => undefined)
  }
}

/** Reads the snapshot before out to raw files on the compute. Returns them by the number of the disk. */
async function readPrevious(
  disks: readonly DiskToTake[],
  { compute, user, mountPath, roots, workFolder, signal }: TakeOptions,
): Promise<ReadonlyMap<number, string>> {
  const tasks = disks.flatMap(({ parent }, nth) =>
    parent === undefined
      ? []
      : [{ nth, id: `${nth}`, path: `${mountPath}/${parent}`, disk: `${workFolder}/${nth}.raw`, parent }],
  )
  const origins = await Promise.all(tasks.map(({ parent }) => originPathsOf(mountPath, parent)))
  const all = [...new Set([mountPath, ...roots, ...origins.flat()])]
  const outcomes = await runBatch(
    compute,
    tasks.map(({ id, path, disk }) => ({
      id,
      argv: readOut(path, disk),
      chain: { image: path, roots: all },
      disk,
      keepsDisk: true,
    })),
    { part: 'reading', user, stallMs: 30_000, signal },
  )
  for (const { id, path } of tasks) {
    const attempt = outcomes.get(id)?.attempt
    if (attempt?.exitCode === 0) continue
    const why = attempt?.refusal?.sentence ?? attempt?.stderr.trim().split('\n').at(-1)
    throw new Error(`the snapshot before cannot be read on ${compute.where}: ${path}: ${why || attempt?.ended}`)
  }
  return new Map(tasks.map(({ nth, disk }) => [nth, disk]))
}
