import { readFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { MachineError } from '../../errors.ts'
import { memoryLeftByControlGroups } from '../../localhost/control-groups.ts'
import { temporaryFolder } from '../../localhost/own-folder.ts'
import { counted } from '../../text/plural.ts'
import type { Engine } from './engine.ts'

/** Memory that a guest costs beside its own, and memory that stays free for other programs. */
const overheadMib = 40
const reserveMib = 256
const minimumDiskMib = 2_048

/** The free memory and disk space for guests of an engine. */
export interface Capacity {
  readonly availableMemoryMib: number
  /** Free space in the folder that has least, of those that a lab uses. */
  readonly availableDiskMib: number
  readonly disk: { readonly folder: string; readonly remedy: string }
}

/**
 * Reads the current capacity of an engine's host. Guests of the embedded engine are processes of ours, with the memory
 * limits of our control groups. Guests of a container engine are outside of our control groups, or on another machine.
 */
export async function readCapacity(engine: Pick<Engine, 'name' | 'host'>, root = '/'): Promise<Capacity> {
  const { isHere, memoryBytes = Number.POSITIVE_INFINITY, disk } = await engine.host()
  const leftBytes = [
    memoryBytes,
    ...(isHere ? [await availableBytes(root)] : []),
    ...(engine.name === 'embedded' ? [await memoryLeftByControlGroups(root)] : []),
  ]
  const temporary = {
    folder: temporaryFolder(),
    remedy: 'Free disk space, or set TMPDIR to a folder on a larger file system.',
  }
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
 * Requires enough memory and disk space for guests.
 * @param memoryMib memory of each guest that is about to start
 * @throws MachineError with the needed and the available amount
 */
export function requireCapacity(memoryMib: readonly number[], capacity: Capacity): void {
  const { availableMemoryMib, availableDiskMib, disk } = capacity
  const needed = memoryMib.reduce((sum, one) => sum + one + overheadMib, reserveMib)
  if (needed > availableMemoryMib)
    throw new MachineError(
      'too-little-memory',
      `${counted(memoryMib.length, 'more machine needs', 'more machines need')} ${needed} MiB of memory, but only ${availableMemoryMib} MiB are available`,
      { remedy: 'Free memory, or reduce memoryMib of the machines in the topology.' },
    )
  if (availableDiskMib < minimumDiskMib)
    throw new MachineError(
      'too-little-disk',
      `a lab needs ${minimumDiskMib} MiB of disk space, but only ${availableDiskMib} MiB are free in ${disk.folder}`,
      { remedy: disk.remedy },
    )
}
