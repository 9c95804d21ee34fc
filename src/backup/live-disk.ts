import { readFileSync } from 'node:fs'
import { program } from '../image/program.ts'
import type { Write } from '../image/qemu.ts'
import { programSucceeded, python } from '../shell/python.ts'
import type { CommandOptions, Shell } from '../shell/shell.ts'
import type { Change } from './changes.ts'

const liveDiskSource = readFileSync(new URL('./live_disk.py', import.meta.url), 'utf8')

/** The disk of a running machine: a sparse raw file on a node's own disk. */
export interface LiveDisk {
  readonly path: string
  readonly virtualSizeBytes: number
  /** Its next changes. */
  readonly changes: readonly Change[]
  /** Files for an overlay with these changes alone. Default: no overlay is made. */
  readonly interval?: Interval
}

export interface Interval {
  /** An image without content, and the path of a copy: copying takes no process, creating one does. */
  readonly empty: string
  readonly overlay: string
  /** Folder and prefix of the files with the data of each change, as `writesOf` takes them. */
  readonly copies: string
}

/**
 * Changes disks in one process, and creates those that do not exist.
 * @returns the content digest, version 1, of each raw file afterwards
 * @throws CommandError
 */
export async function changeLiveDisks(
  shell: Shell,
  disks: readonly LiveDisk[],
  options: CommandOptions,
): Promise<readonly string[]> {
  const input = disks.map(({ path, virtualSizeBytes, changes, interval }) => ({
    path,
    virtualSizeBytes,
    changes: changes.map((change, nth) =>
      change.kind === 'data' && interval !== undefined ? { ...change, copy: `${interval.copies}${nth}` } : change,
    ),
    ...(interval && { empty: interval.empty, overlay: interval.overlay }),
  }))
  const stdin = program({ live_disk: liveDiskSource }, input)
  const { stdout } = programSucceeded(await shell.try(python, { ...options, stdin }))
  const lines = stdout.trimEnd().split('\n')
  return lines.map((line) => (JSON.parse(line) as { digest: string }).digest)
}

/** Returns the same changes as writes to an image, with the `copies` of the `Interval` that `changeLiveDisks` was given. */
export function writesOf(
  changes: readonly Pick<Change, 'offset' | 'lengthBytes' | 'kind'>[],
  copies: string,
): readonly Write[] {
  return changes.map(({ offset, lengthBytes, kind }, nth) =>
    kind === 'data' ? { kind: 'file', path: `${copies}${nth}`, offset, lengthBytes } : { kind, offset, lengthBytes },
  )
}
