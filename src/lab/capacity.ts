import { readFile, statfs } from 'node:fs/promises'
import { MachineError } from '../errors.ts'
import { temporaryFolder } from '../own-folder.ts'

/** What a guest costs beside its own memory, and what is left to everyone else. */
const overheadMib = 40
const reserveMib = 256
const minimumDiskMib = 2_048

export interface Capacity {
  readonly availableMemoryMib: number
  readonly availableDiskMib: number
}

/** What this machine has to spare now. */
export async function readCapacity(folder = temporaryFolder()): Promise<Capacity> {
  const [, kib] = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8')) ?? []
  const { bavail, bsize } = await statfs(folder)
  return {
    availableMemoryMib: Math.floor(Number(kib) / 1024),
    availableDiskMib: Math.floor((bavail * bsize) / 2 ** 20),
  }
}

/**
 * @param memoryMib of each guest that is about to start
 * @throws MachineError that says how much is needed and how much there is
 */
export async function requireCapacity(memoryMib: readonly number[], capacity?: Capacity): Promise<void> {
  const { availableMemoryMib, availableDiskMib } = capacity ?? (await readCapacity())
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
