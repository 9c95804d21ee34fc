import { Semaphore } from '../concurrency/semaphore.ts'
import { DrillError } from '../errors.ts'
import type { Host } from './hosts.ts'
import { lacksOf } from './lacks.ts'

/** The result of checking a host, which changes nothing there. */
export interface HostReport {
  readonly where: string
  /** `ready` if recovery has all that it needs there. */
  readonly state: 'ready' | 'lacking' | 'unknown'
  readonly problems: readonly { readonly message: string; readonly remedy?: string }[]
}

const hostsAtOnce = 16

/** Checks whether each host can be entered, as root, has what recovery needs, and where its service runs. */
export async function probeHosts(hosts: readonly Host[], signal?: AbortSignal): Promise<readonly HostReport[]> {
  const slots = new Semaphore(hostsAtOnce)
  return Promise.all(
    hosts.map(async (host) => {
      using _slot = await slots.acquire(signal)
      return probe(host)
    }),
  )
}

async function probe(host: Host): Promise<HostReport> {
  const { where } = host
  try {
    const lacks = await lacksOf(host.shell)
    const problems = lacks.map(({ program, remedy }) => ({ message: `${program} is not installed`, remedy }))
    // Entering a namespace needs these programs.
    if (problems.length === 0) await (await host.service()).run(['true'])
    return { where, state: problems.length === 0 ? 'ready' : 'lacking', problems }
  } catch (error) {
    if (!(error instanceof DrillError) || error.blame === 'interrupted') throw error
    const { message, remedy } = error
    return { where, state: 'unknown', problems: [{ message, ...(remedy !== undefined && { remedy }) }] }
  }
}
