import { InputError } from '../../errors.ts'
import { invocation } from '../../localhost/invocation.ts'
import type { LabEntry } from '../lab.ts'
import type { Ledger, LedgerRecord } from './ledger.ts'

/** Where to look for a machine. */
export interface MachinePlace {
  /** Undefined to look in the runs that `project` started, or in all. */
  readonly run?: string
  readonly lab?: string
  /** The folder of a project. Not looked at if the run is named. */
  readonly project?: string
}

/** A machine of a lab, and the run that the lab belongs to. */
export interface FoundMachine {
  readonly record: LedgerRecord
  readonly machine: LabEntry
}

/**
 * Finds a machine of a lab that another process holds.
 *
 * @param node `recovery-compute-1` or `recovery/compute-1`
 * @throws InputError if there is no such machine, or more than one
 */
export async function findMachine(
  ledger: Ledger,
  node: string,
  { run, lab, project }: MachinePlace = {},
): Promise<FoundMachine> {
  const alive = (await ledger.read()).filter((record) => record.alive)
  if (run !== undefined && !alive.some((record) => record.run === run)) throw noSuchRun(run, alive)
  const isHere = (record: LedgerRecord): boolean =>
    run === undefined ? project === undefined || record.project === project : record.run === run
  const all = alive
    .flatMap((record) => record.machines.map((machine) => ({ record, machine })))
    .filter(({ machine }) => lab === undefined || machine.lab === lab)
  const machines = all.filter(({ record }) => isHere(record))
  const isMeant = ({ machine }: FoundMachine): boolean => machine.name === node || machine.where === node
  const [only, ...others] = machines.filter(isMeant)
  if (only === undefined) throw noSuchMachine(node, run, machines, all.filter(isMeant))
  if (others.length > 0) throw severalMachines(node, run, [only, ...others])
  return only
}

function noSuchRun(run: string, alive: readonly LedgerRecord[]): InputError {
  const remedy = alive.length === 0 ? howToStart : ['Runs with a lab:', ...alive.map(describe)].join('\n')
  return new InputError(`no lab of run "${run}" is running`, { remedy })
}

function noSuchMachine(
  node: string,
  run: string | undefined,
  machines: readonly FoundMachine[],
  elsewhere: readonly FoundMachine[],
): InputError {
  const names = [...new Set(machines.map(({ machine }) => machine.where))]
  const runs = new Map(elsewhere.map(({ record }) => [record.run, record]))
  const remedies = [
    ...(names.length === 0 ? [] : [`Name one of ${names.join(', ')}.`]),
    ...(run !== undefined || runs.size === 0
      ? []
      : ['Name the run of another lab with --run:', ...[...runs.values()].map(describe)]),
  ]
  const whose = run !== undefined ? ` of run ${run}` : remedies.length > 0 ? ' of this project' : ''
  return new InputError(`no lab${whose} has a machine "${node}"`, { remedy: remedies.join('\n') || howToStart })
}

function severalMachines(node: string, run: string | undefined, found: readonly FoundMachine[]): InputError {
  const runs = new Map(found.map(({ record }) => [record.run, record]))
  const remedy =
    run === undefined && runs.size > 1
      ? ['Name one of the runs with --run:', ...[...runs.values()].map(describe)].join('\n')
      : 'Keep the lab of one scenario only.'
  const labs = found.map(({ record, machine }) => `${machine.lab} of run ${record.run}`).join(', ')
  return new InputError(`several labs have a machine "${node}": ${labs}`, { remedy })
}

const howToStart = `Start a lab with ${invocation} lab up, or keep one with ${invocation} run --keep-lab.`

/** `RUN, started TIME in FOLDER`. */
function describe({ run, startedAt, project }: LedgerRecord): string {
  return `  ${run}, started ${startedAt}${project === undefined ? '' : ` in ${project}`}`
}
