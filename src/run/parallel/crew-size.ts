import { availableParallelism } from 'node:os'
import { type Capacity, readCapacity } from '../../lab/capacity.ts'
import type { EngineName } from '../../lab/engine/engine.ts'
import { openEngine } from '../../lab/engine/open-engine.ts'

/** What a lab of a drill may come to: machines of two sites and their servers, as they grow. */
const labMemoryMib = 2_048

export interface CrewSize {
  readonly size: number
  /** Why it is less than was asked for. */
  readonly why?: string
}

/**
 * How many of the wanted processes make sense: each takes features, and memory for a lab.
 * @param wanted auto: one more than there are processors, as a drill waits for one machine or another some of its time; with
 * two, that was seen to take half of the time of one process, and two processes 13 % more
 */
export function crewSize(
  wanted: number | 'auto',
  features: number,
  { availableMemoryMib }: Pick<Capacity, 'availableMemoryMib'>,
): CrewSize {
  const fitting = Math.max(1, Math.floor(availableMemoryMib / labMemoryMib))
  const useful = wanted === 'auto' ? availableParallelism() + 1 : wanted
  const size = Math.max(1, Math.min(useful, features, fitting))
  if (wanted === 'auto' || fitting >= Math.min(wanted, features)) return { size }
  const room = `${availableMemoryMib} MiB of memory are available, and each may need ${labMemoryMib} MiB`
  return { size, why: `drilling in ${size} of ${wanted} processes: ${room}` }
}

/**
 * The same by what there is now where the engine's guests are.
 * @param locations of the scenarios that may be drilled side by side
 */
export async function crewSizeHere(
  wanted: number | 'auto',
  locations: readonly string[],
  engine: EngineName,
): Promise<CrewSize> {
  const features = new Set(locations.map((location) => location.replace(/:\d+$/, ''))).size
  return wanted === 1 ? { size: 1 } : crewSize(wanted, features, await capacityOf(engine))
}

/** An engine that does not answer yet is going to be set up on this machine. */
async function capacityOf(name: EngineName): Promise<Capacity> {
  try {
    return await readCapacity(await openEngine(name))
  } catch {
    return readCapacity({ name, quarters: async () => ({ isHere: true }) })
  }
}
