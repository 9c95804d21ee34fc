import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MachineError } from '../../errors.ts'
import { makeFolders } from '../../localhost/make-folders.ts'
import { isAlive, type ProcessIdentity, thisProcess } from '../../localhost/process-identity.ts'
import { stateFolder } from '../../localhost/state-folder.ts'
import type { EngineName } from '../engine/engine.ts'
import type { LabEntry } from '../lab.ts'

/** One run in the ledger. */
export interface LedgerRecord {
  readonly run: string
  readonly engine: EngineName
  /** The process that holds the run's leases. */
  readonly owner: ProcessIdentity
  readonly startedAt: string
  /** The folder of the project that started the run. Undefined if the record cannot be read. */
  readonly project?: string
  /** True if the run is over and its lab was kept. */
  readonly kept: boolean
  readonly machines: readonly LabEntry[]
}

/**
 * The list of this user's runs, one file each, which distinguishes live runs from dead ones. Only the user can read it:
 * it contains keys.
 */
export class Ledger {
  readonly folder: string

  constructor(folder = join(stateFolder(), 'runs')) {
    this.folder = folder
  }

  /** Adds a run of this process. @throws MachineError if the ledger is not writable */
  async add(run: string, engine: EngineName, project = process.cwd()): Promise<LedgerEntry> {
    const owner = await thisProcess()
    try {
      makeFolders(this.folder, 0o700)
      const startedAt = new Date().toISOString()
      const record = { run, engine, owner, startedAt, project, kept: false, machines: [] }
      const entry = new LedgerEntry(this.#file(run), record)
      await entry.save()
      return entry
    } catch (cause) {
      throw new MachineError('ledger', `cannot write the ledger in ${this.folder}: ${(cause as Error).message}`, {
        cause,
        remedy: 'Set XDG_STATE_HOME to a writable folder.',
      })
    }
  }

  /** Reads all runs, and whether their owners are alive. An unreadable file counts as a dead run. */
  async read(): Promise<readonly (LedgerRecord & { readonly alive: boolean })[]> {
    const files = await readdir(this.folder).catch(() => [])
    const records = files
      .filter((file) => file.endsWith('.json'))
      .map(async (file) => {
        const run = file.slice(0, -'.json'.length)
        try {
          const record = JSON.parse(await readFile(join(this.folder, file), 'utf8')) as LedgerRecord
          return { ...record, alive: await isAlive(record.owner) }
        } catch {
          const owner = { pid: 0, startTime: '', bootId: '' }
          return { run, engine: 'container' as const, owner, startedAt: '', kept: false, machines: [], alive: false }
        }
      })
    return Promise.all(records)
  }

  async remove(run: string): Promise<void> {
    await rm(this.#file(run), { force: true })
  }

  /** The folder of the files that lead into a lab of `lab up`, unless it was put elsewhere. */
  filesOf(run: string): string {
    return join(dirname(this.folder), 'labs', run)
  }

  #file(run: string): string {
    return join(this.folder, `${run}.json`)
  }
}

/** The ledger's entry for a run of this process. */
export class LedgerEntry {
  readonly #file: string
  #record: LedgerRecord
  #saving: Promise<void> = Promise.resolve()

  constructor(file: string, record: LedgerRecord) {
    this.#file = file
    this.#record = record
  }

  get record(): LedgerRecord {
    return this.#record
  }

  async addMachine(machine: LabEntry): Promise<void> {
    this.#record = { ...this.#record, machines: [...this.#record.machines, machine] }
    await this.save()
  }

  /** Marks the lab of the run as kept. */
  async keep(): Promise<void> {
    this.#record = { ...this.#record, kept: true }
    await this.save()
  }

  /** Removes the machines of a lab that has ended. */
  async removeLab(lab: string): Promise<void> {
    this.#record = { ...this.#record, machines: this.#record.machines.filter((machine) => machine.lab !== lab) }
    await this.save()
  }

  /** Replaces the file atomically, so that readers never see a part of it. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      const temporary = `${this.#file}.new`
      await writeFile(temporary, JSON.stringify(this.#record), { mode: 0o600 })
      await rename(temporary, this.#file)
    })
    return this.#saving
  }
}
