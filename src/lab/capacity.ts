import { readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { MachineError } from '../errors.ts'
import { temporaryFolder } from '../own-folder.ts'
import { memoryLeftByControlGroups } from './control-groups.ts'
import type { EngineName } from './engine/engine.ts'

/** What a guest costs beside its own memory, and what is left to everyone else. */
const overheadMib = 40
const reserveMib = 256
const minimumDiskMib = 2_048

export interface Capacity {
  readonly availableMemoryMib: number
  readonly availableDiskMib: number
}

/**
 * What this machine has to spare now. Guests that are processes of ours have no more memory than we may have; those of a
 * container engine live outside of a container that we may be in.
 */
export async function readCapacity(engine: EngineName, root = '/'): Promise<Capacity> {
  const [, kib] = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile(join(root, 'proc/meminfo'), 'utf8')) ?? []
  const leftBytes = engine === 'embedded' ? await memoryLeftByControlGroups(root) : Number.POSITIVE_INFINITY
  const { bavail, bsize } = await statfs(temporaryFolder())
  return {
    availableMemoryMib: Math.floor(Math.min(Number(kib) * 1024, leftBytes) / 2 ** 20),
    availableDiskMib: Math.floor((bavail * bsize) / 2 ** 20),
  }
}

/**
 * @param memoryMib of each guest that is about to start
 * @throws MachineError that says how much is needed and how much there is
 */
export function requireCapacity(memoryMib: readonly number[], capacity: Capacity): void {
  const { availableMemoryMib, availableDiskMib } = capacity
  const needed = memoryMib.reduce((sum, one) => sum + one + overheadMib, reserveMib)
  if (needed > availableMemoryMib)
    throw new MachineError(
      'too-little-memory',
      `${memoryMib.length} more machines need ${needed} MiB of memory, and ${availableMemoryMib} MiB are available`,
      { remedy: 'free memory, or give the machines less in the topology (memoryMib)' },
    )
  if (availableDiskMib < minimumDiskMib)
    throw new MachineError(
      'too-little-disk',
      `a lab needs ${minimumDiskMib} MiB of disk, and ${availableDiskMib} MiB are free`,
      { remedy: 'free disk space, or set TMPDIR to a larger file system' },
    )
}
