import { InputError } from '../../errors.ts'
import { invocation } from '../../localhost/invocation.ts'
import type { LabEntry } from '../lab.ts'
import type { Ledger, LedgerRecord } from './ledger.ts'

/**
 * A machine of a lab that some process holds.
 * @param node `recovery-compute-1` or `recovery/compute-1`
 * @throws InputError when there is no such machine, or more than one
 */
export async function findMachine(
  ledger: Ledger,
  node: string,
  { run, lab }: { readonly run?: string; readonly lab?: string } = {},
): Promise<{ readonly record: LedgerRecord; readonly machine: LabEntry }> {
  const alive = (await ledger.read()).filter((record) => record.alive)
  const records = alive.filter((record) => run === undefined || record.run === run)
  const all = records.flatMap((record) => record.machines.map((machine) => ({ record, machine })))
  const machines = all.filter(({ machine }) => lab === undefined || machine.lab === lab)
  const found = machines.filter(({ machine }) => machine.name === node || machine.where === node)
  const [only, ...others] = found
  if (only === undefined) {
    const names = [...new Set(machines.map(({ machine }) => machine.where))]
    const runs = alive.map((record) => record.run)
    let remedy = `no lab is up; bring one up with ${invocation} lab up, or keep one with ${invocation} run --keep-lab`
    if (names.length > 0) remedy = `there are ${names.join(', ')}`
    else if (runs.length > 0) remedy = `labs are up of ${runs.join(', ')}`
    const ofRun = run === undefined ? '' : ` of the run ${run}`
    throw new InputError(`no lab${ofRun} has a machine "${node}"`, { remedy })
  }
  if (others.length > 0) {
    const places = found.map(({ record, machine }) => `${record.run} (${machine.lab})`).join(', ')
    throw new InputError(`several labs have a machine "${node}": ${places}`, { remedy: 'name one with --run' })
  }
  return only
}
