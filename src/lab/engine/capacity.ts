import { readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { MachineError } from '../../errors.ts'
import { memoryLeftByControlGroups } from '../../localhost/control-groups.ts'
import { temporaryFolder } from '../../localhost/own-folder.ts'
import type { Engine } from './engine.ts'

/** What a guest costs beside its own memory, and what is left to everyone else. */
const overheadMib = 40
const reserveMib = 256
const minimumDiskMib = 2_048

export interface Capacity {
  readonly availableMemoryMib: number
  /** In the folder that has the least of those that a lab needs it in. */
  readonly availableDiskMib: number
  readonly disk: { readonly folder: string; readonly remedy: string }
}

/**
 * What there is to spare now, where an engine's guests are. Those that are processes of ours have no more memory than we
 * may have; those of a container engine live outside of a container that we may be in, or on another machine.
 */
export async function readCapacity(engine: Pick<Engine, 'name' | 'host'>, root = '/'): Promise<Capacity> {
  const { isHere, memoryBytes = Number.POSITIVE_INFINITY, disk } = await engine.host()
  const leftBytes = [
    memoryBytes,
    ...(isHere ? [await availableBytes(root)] : []),
    ...(engine.name === 'embedded' ? [await memoryLeftByControlGroups(root)] : []),
  ]
  const temporary = { folder: temporaryFolder(), remedy: 'free disk space, or set TMPDIR to a larger file system' }
  const disks = await Promise.all([temporary, ...(disk === undefined ? [] : [disk])].map(withSpace))
  const tightest = disks.reduce((one, other) => (other.availableMib < one.availableMib ? other : one))
  return {
    availableMemoryMib: Math.floor(Math.min(...leftBytes) / 2 ** 20),
    availableDiskMib: tightest.availableMib,
    disk: tightest,
  }
}

async function availableBytes(root: string): Promise<number> {
  const [, kib] = /^MemAvailable:\s+(\d+) kB$/m.exec(await readFile(join(root, 'proc/meminfo'), 'utf8')) ?? []
  return Number(kib) * 1024
}

async function withSpace(disk: Capacity['disk']) {
  const { bavail, bsize } = await statfs(disk.folder)
  return { ...disk, availableMib: Math.floor((bavail * bsize) / 2 ** 20) }
}

/**
 * @param memoryMib of each guest that is about to start
 * @throws MachineError that says how much is needed and how much there is
 */
export function requireCapacity(memoryMib: readonly number[], capacity: Capacity): void {
  const { availableMemoryMib, availableDiskMib, disk } = capacity
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
      `a lab needs ${minimumDiskMib} MiB of disk, and ${availableDiskMib} MiB are free in ${disk.folder}`,
      { remedy: disk.remedy },
    )
}
