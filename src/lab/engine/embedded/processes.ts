import { readdir, readFile } from 'node:fs/promises'
import { type ProcessIdentity, parseIdentity } from '../../../localhost/process-identity.ts'
import { type HubOptions, runVariable } from '../engine.ts'

const labVariable = 'DR_DRILL_LAB'
const machineVariable = 'DR_DRILL_MACHINE'
const ownerVariable = 'DR_DRILL_OWNER'

/** Returns the environment that marks the processes of a machine, like the labels of a container. */
export function marksOf({ run, lab, owner }: HubOptions, machine: string): Readonly<Record<string, string>> {
  return {
    [runVariable]: run,
    [labVariable]: lab,
    [machineVariable]: machine,
    [ownerVariable]: JSON.stringify(owner),
  }
}

/** The processes of a machine or a hub. */
export interface LabProcesses {
  readonly pids: readonly number[]
  readonly run: string
  readonly lab: string
  readonly machine: string
  readonly owner: ProcessIdentity | undefined
}

/** Finds all marked processes on this machine that this user may see. */
export async function labProcesses(): Promise<readonly LabProcesses[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const marked = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      const environment = new Map(text.split('\0').map((entry) => splitOnce(entry)))
      const machine = environment.get(machineVariable)
      return machine === undefined ? [] : [{ pid, machine, environment }]
    }),
  )
  const groups = Map.groupBy(marked.flat(), ({ machine, environment }) =>
    [environment.get(runVariable), environment.get(labVariable), machine].join(' '),
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const { environment, machine } = first
    return [
      {
        pids: group.map(({ pid }) => pid),
        run: environment.get(runVariable) ?? '',
        lab: environment.get(labVariable) ?? '',
        machine,
        owner: parseIdentity(environment.get(ownerVariable)),
      },
    ]
  })
}

function splitOnce(entry: string): [string, string] {
  const at = entry.indexOf('=')
  return [entry.slice(0, at), entry.slice(at + 1)]
}
