import { InputError, MachineError } from '../errors.ts'
import type { Phase } from '../journal/journal.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { CommandResult } from '../shell/shell.ts'
import { type ManagerRun, managerJobs, managerRuns } from '../verdict/observation/manager-run.ts'
import { printedLists } from '../verdict/observation/workload-list.ts'
import { workloadStates } from '../verdict/observation/workload-state.ts'
import type { NamedOwner } from './cloud-people.ts'
import type { Scene } from './scene.ts'
import { lookAtWorkload } from './workload-look.ts'

/** The person who runs a command: a user in a project, or undefined for an administrator. */
export type Person = NamedOwner | undefined

/** A list of workloads, by its command and options. */
export type WorkloadListCommand = readonly [command: string, ...options: string[]]

/** Minutes for one command: an import reads all records of its workloads. */
const deadlineMs = 600_000

/**
 * The workload manager on the appliance of the site that restores are made on. People run its commands, and what they print
 * is recorded.
 */
export class WorkloadManagers {
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Runs a command as a person, and records what it prints and how it exits. */
  async run(args: readonly string[], person?: Person, phase: Phase = 'hand over'): Promise<ManagerRun> {
    return await this.#scene.drill.during(phase, () => this.#run(args, person))
  }

  /** Runs a command that lists workloads, and records their names. A name that the lab does not know stays an id. */
  async list(command: WorkloadListCommand, person?: Person): Promise<void> {
    const { stdout, stderr, exitCode } = await this.run([...command, '-f', 'json'], person)
    if (exitCode !== 0) return
    const workloads = idsIn(stdout).map((id) => this.#nameOf(id))
    const facts = { command: command.join(' '), workloads, warnings: stderr.trim() }
    printedLists.record(this.#scene.drill.journal, this.#appliance.where, facts)
  }

  /** Imports workloads, waits for the job if there is one, and records the state of all workloads. */
  async importWorkloads(names: readonly string[] | 'every', person?: Person): Promise<void> {
    const options = names === 'every' ? [] : names.flatMap((name) => ['--workloadids', this.idOf(name)])
    await this.#change(['workload-importworkloads', ...options], person)
  }

  /** Reassigns a workload to the ids of a new owner, and records the state of all workloads. */
  async reassign(
    workload: string,
    { userId, projectId }: { readonly userId: string; readonly projectId: string },
    { migrateCloud, person }: { readonly migrateCloud: boolean; readonly person?: Person },
  ): Promise<void> {
    const options = [
      ...['--workload_ids', this.idOf(workload), '--new_tenant_id', projectId, '--user_id', userId],
      ...(migrateCloud ? ['--migrate_cloud', 'True'] : []),
    ]
    await this.#change(['workload-reassign-workloads', ...options], person)
  }

  /** Enables or disables the schedule of a workload, and records the state of all workloads. */
  async setSchedule(workload: string, isOn: boolean, person?: Person): Promise<void> {
    await this.#change([isOn ? 'enable-scheduler' : 'disable-scheduler', '--workloadids', this.idOf(workload)], person)
  }

  /** Records the owner and the schedule of every workload: in its records on the target, and in the database. */
  async look(): Promise<void> {
    const { site, drill } = this.#scene
    for (const [name, id] of this.#ids) {
      const state = await lookAtWorkload(site, { name, id })
      workloadStates.record(drill.journal, site.appliance.where, state)
    }
  }

  /** The names of all workloads that were backed up. */
  get names(): readonly string[] {
    return [...this.#ids.keys()]
  }

  /** The id of a workload that was backed up. @throws InputError for another name */
  idOf(workload: string): string {
    const id = this.#ids.get(workload)
    if (id !== undefined) return id
    throw new InputError(`workload "${workload}" was not backed up (backed up: ${this.names.join(', ') || 'none'})`)
  }

  get #ids(): ReadonlyMap<string, string> {
    const plans = [...this.#scene.knowledge.backups.values()].flatMap(({ plan }) => plan.workloads)
    return new Map(plans.map(({ name, id }) => [name, id]))
  }

  get #appliance(): Machine {
    const { plan, appliance } = this.#scene.site
    if (plan.cloud === undefined)
      throw new InputError(`site ${plan.name} has no workload manager`, { remedy: 'Give it users before it comes up.' })
    return appliance
  }

  #nameOf(id: string): string {
    return [...this.#ids].find(([, one]) => one === id)?.[0] ?? id
  }

  async #change(args: readonly string[], person: Person): Promise<void> {
    await this.#scene.drill.during('hand over', async () => {
      const { stdout } = await this.#run([...args, '-f', 'json'], person)
      for (const job of jobsIn(stdout)) await this.#waitFor(job)
      await this.look()
    })
  }

  async #run(args: readonly string[], person: Person): Promise<ManagerRun> {
    const appliance = this.#appliance
    const result = await appliance.shell.try(['workloadmgr', ...args], { env: environmentOf(person), deadlineMs })
    const run = { command: args.join(' '), as: nameOf(person), ...outputOf(result) }
    managerRuns.record(this.#scene.drill.journal, appliance.where, run)
    return run
  }

  async #waitFor(id: string): Promise<void> {
    const { shell, where } = this.#appliance
    const script = `
for try in $(seq 300); do
  job=$(workloadmgr job-show "$1" -f json)
  case $job in *'"status": "executing"'*) sleep 1 ;; *) break ;; esac
done
printf '%s' "$job"`
    const { stdout } = await shell.run({ script, args: [id] }, { deadlineMs })
    const { status, error_msg: error } = parseJson(stdout, where) as {
      readonly status: string
      readonly error_msg: string | null
    }
    managerJobs.record(this.#scene.drill.journal, where, { id, status, error: error ?? '' })
  }
}

/** The environment of a person, as its openrc file has it. */
function environmentOf(person: Person): Readonly<Record<string, string>> {
  return person === undefined
    ? { OS_USERNAME: 'admin', OS_PROJECT_NAME: 'admin' }
    : { OS_USERNAME: person.user, OS_PROJECT_NAME: person.project }
}

const nameOf = (person: Person): string =>
  person === undefined ? 'an administrator' : `${person.user} in ${person.project}`

function outputOf({ exitCode, stdout, stderr }: CommandResult) {
  return { exitCode, stdout: stdout.slice(0, 65_536), stderr: stderr.slice(-16_384) }
}

/** The ids in a list in JSON. */
function idsIn(json: string): readonly string[] {
  return (parseJson(json, 'the workload manager') as readonly { readonly ID: string }[]).map(({ ID }) => ID)
}

/** The ids of jobs in what a command printed in JSON: of a list, or of one thing. */
function jobsIn(json: string): readonly string[] {
  if (json.trim() === '') return []
  const value = parseJson(json, 'the workload manager') as Readonly<Record<string, unknown>>
  const job = Array.isArray(value) ? undefined : value['job_id']
  return typeof job === 'string' ? [job] : []
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MachineError('manager-output', `${where} printed no JSON: ${text.slice(0, 500)}`, { cause })
  }
}
