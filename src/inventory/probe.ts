import { Semaphore } from '../concurrency/semaphore.ts'
import { DrillError } from '../errors.ts'
import { lastLine } from '../shell/last-line.ts'
import { userOf } from '../shell/rooted.ts'
import { CommandError, type CommandResult } from '../shell/shell.ts'
import type { Host } from './hosts.ts'
import { lacksOf, lacksOfService } from './lacks.ts'
import type { Lack } from './python-problem.ts'

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
    const problems = await problemsOf(host)
    return { where, state: problems.length === 0 ? 'ready' : 'lacking', problems }
  } catch (error) {
    if (!(error instanceof DrillError) || error.blame === 'interrupted') throw error
    const message = error instanceof CommandError ? sentenceOf(error.result) : error.message
    const { remedy } = error
    return { where, state: 'unknown', problems: [{ message, ...(remedy !== undefined && { remedy }) }] }
  }
}

/** Makes the kinds of calls that `plan`, `check` and `recover` make. */
async function problemsOf(host: Host): Promise<readonly Lack[]> {
  const { uid, name } = await userOf(host.shell)
  if (uid !== 0)
    return [
      {
        message: `commands run as ${name}, and not as root: the inventory has sudo: never`,
        remedy: 'Log in as root, or set sudo: auto.',
      },
    ]
  const problems = await lacksOf(host.shell)
  // Entering a namespace needs these programs.
  if (problems.length > 0) return problems
  const service = await host.service()
  return service === host.shell ? [] : lacksOfService(service)
}

function sentenceOf({ where, ended, exitCode, stdout, stderr }: CommandResult): string {
  const how = ended === 'exited' ? `exited with ${exitCode}` : `did not end by itself (${ended})`
  return `${where}: a command ${how}: ${lastLine(stderr) || lastLine(stdout) || 'it printed nothing'}`
}
