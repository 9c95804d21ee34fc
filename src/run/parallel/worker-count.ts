import { availableParallelism } from 'node:os'
import { featureOf } from '../../journal/scenario.ts'
import { type Capacity, readCapacity } from '../../lab/engine/capacity.ts'
import type { EngineName } from '../../lab/engine/engine.ts'
import { openEngine } from '../../lab/engine/open-engine.ts'

/** Memory that the lab of one drill may need: machines of two sites and their servers, as they grow. */
const labMemoryMib = 2_048

export interface WorkerCount {
  readonly count: number
  /** Why there are fewer workers than requested. */
  readonly why?: string
}

/**
 * Returns how many worker processes to start: as requested, but no more than there are features or memory for labs.
 * @param requested `auto` for one more than there are processors, because a drill spends part of its time waiting for
 * machines. On two processors, three processes took half the time of one; two took 13 % longer than three.
 */
export function workerCount(
  requested: number | 'auto',
  features: number,
  { availableMemoryMib }: Pick<Capacity, 'availableMemoryMib'>,
): WorkerCount {
  const fitting = Math.max(1, Math.floor(availableMemoryMib / labMemoryMib))
  const useful = requested === 'auto' ? availableParallelism() + 1 : requested
  const count = Math.max(1, Math.min(useful, features, fitting))
  if (requested === 'auto' || fitting >= Math.min(requested, features)) return { count }
  const memory = `${availableMemoryMib} MiB of memory are available, and each process may need ${labMemoryMib} MiB`
  return { count, why: `using ${count} of ${requested} processes: ${memory}` }
}

/**
 * Returns how many worker processes to start on this machine now.
 * @param locations of the scenarios that may run in parallel
 */
export async function workerCountHere(
  requested: number | 'auto',
  locations: readonly string[],
  engine: EngineName,
): Promise<WorkerCount> {
  const features = new Set(locations.map(featureOf)).size
  return requested === 1 || features <= 1 ? { count: 1 } : workerCount(requested, features, await capacityOf(engine))
}

/** An engine that does not answer yet will be set up on this machine. */
async function capacityOf(name: EngineName): Promise<Capacity> {
  try {
    return await readCapacity(await openEngine(name))
  } catch {
    return readCapacity({ name, host: async () => ({ isHere: true }) })
  }
}
