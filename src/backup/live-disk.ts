import { readFileSync } from 'node:fs'
import { program } from '../image/program.ts'
import type { Write } from '../image/qemu.ts'
import { python } from '../shell/python.ts'
import type { CommandOptions, Shell } from '../shell/shell.ts'
import type { Change } from './changes.ts'

const liveDiskSource = readFileSync(new URL('./live_disk.py', import.meta.url), 'utf8')

/** A machine's disk while it runs: a sparse raw file on a node's own disk. */
export interface LiveDisk {
  readonly path: string
  readonly virtualSizeBytes: number
  /** What happens to it now. */
  readonly changes: readonly Change[]
  /** What an overlay with just these changes will be made from. Default: nothing. */
  readonly interval?: Interval
}

export interface Interval {
  /** An image without content, and where a copy of it goes (a copy is no process, unlike making one). */
  readonly empty: string
  readonly overlay: string
  /** Folder and prefix of files with the data of each change, as `writesOf` wants them. */
  readonly copies: string
}

/**
 * Lets changes happen to disks, which are made if they do not exist, in one process.
 * @returns the content digest, version 1, of each disk afterwards, read from the raw file
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
  const { stdout } = await shell.run(python, { ...options, stdin })
  const lines = stdout.trimEnd().split('\n')
  return lines.map((line) => (JSON.parse(line) as { digest: string }).digest)
}

/** The same changes as writes to an image; `copies` as in the `Interval` that was given to `changeLiveDisks`. */
export function writesOf(changes: readonly Change[], copies: string): readonly Write[] {
  return changes.map(({ offset, lengthBytes, kind }, nth) =>
    kind === 'data' ? { kind: 'file', path: `${copies}${nth}`, offset, lengthBytes } : { kind, offset, lengthBytes },
  )
}
