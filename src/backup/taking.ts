import {
  convertToEncrypted,
  convertToImage,
  create,
  type Parent,
  type Secret,
  type Source,
  write,
} from '../image/qemu.ts'
import type { Argv } from '../shell/shell.ts'
import type { DiskPlan } from './backup-plan.ts'
import { changesBefore } from './changes.ts'
import { writesOf } from './live-disk.ts'

/** A live disk before a snapshot of it is taken. */
export interface LiveDiskState extends ReturnType<typeof liveDisk> {}

/**
 * Describes a live disk.
 * @param prefix of this disk's files in the work directory
 * @param snapshot number of the next snapshot, from 1
 */
export function liveDisk(prefix: string, disk: DiskPlan, snapshot: number) {
  return {
    path: `${prefix}.raw`,
    virtualSizeBytes: disk.virtualSizeBytes,
    changes: changesBefore(snapshot, disk),
    empty: `${prefix}.empty`,
    // A full image is read from the live disk itself.
    ...(snapshot > 1 && {
      interval: { empty: `${prefix}.empty`, overlay: `${prefix}.overlay`, copies: `${prefix}.change.` },
    }),
  }
}

/** The path of an image's parent, and the name that the image has for it. */
export interface TakenParent {
  readonly path: string
  readonly name: string
}

/**
 * Returns the commands that take an image. A full image is converted from the raw disk. An incremental one is converted
 * from an overlay of the previous image that holds only the interval's changes: from the raw disk it would be full size.
 * @param secret of an encrypted image, which must exist and be empty
 */
export function takeImage(
  disk: LiveDiskState,
  path: string,
  parent: TakenParent | undefined,
  secret?: Secret,
): readonly Argv[] {
  if (parent === undefined || disk.interval === undefined) {
    const full = convert({ format: 'raw', path: disk.path }, path, undefined, secret)
    return [full, create(disk.empty, disk.virtualSizeBytes)]
  }
  const graph = { path: disk.interval.overlay, parent: parent.path, ...(secret && { parentSecret: secret }) }
  return [
    write({ graph }, writesOf(disk.changes, disk.interval.copies)),
    convert({ graph }, path, { name: parent.name }, secret),
  ]
}

/** Returns the command that writes an image. @param secret as for `takeImage` */
export function convert(source: Source, path: string, parent?: Parent, secret?: Secret): Argv {
  return secret === undefined ? convertToImage(source, path, parent) : convertToEncrypted(source, path, secret, parent)
}
