import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { MachineError } from '../../errors.ts'
import { makeFolders } from '../../localhost/make-folders.ts'
import { isAlive, type ProcessIdentity, thisProcess } from '../../localhost/process-identity.ts'
import type { EngineName } from '../engine/engine.ts'
import type { LabEntry } from '../lab.ts'

/** One run as the ledger knows it. */
export interface LedgerRecord {
  readonly run: string
  readonly engine: EngineName
  /** The process that holds the run's leases. */
  readonly owner: ProcessIdentity
  readonly startedAt: string
  /** Set when the run is over and its lab was kept. */
  readonly kept: boolean
  readonly machines: readonly LabEntry[]
}

/** `$XDG_STATE_HOME/dr-drill`, by default `~/.local/state/dr-drill`. */
export function stateFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'dr-drill')
}

/** Which runs there are, so that living ones can be told from dead ones. A file a run; it holds keys, so it is ours alone. */
export class Ledger {
  readonly folder: string

  constructor(folder = join(stateFolder(), 'runs')) {
    this.folder = folder
  }

  /** Enters this process's run. */
  async open(run: string, engine: LedgerRecord['engine']): Promise<LedgerPage> {
    const owner = await thisProcess()
    try {
      makeFolders(this.folder, 0o700)
      const page = new LedgerPage(this.#file(run), {
        run,
        engine,
        owner,
        startedAt: new Date().toISOString(),
        kept: false,
        machines: [],
      })
      await page.save()
      return page
    } catch (cause) {
      throw new MachineError('ledger', `the ledger in ${this.folder} cannot be written: ${(cause as Error).message}`, {
        cause,
        remedy: 'set XDG_STATE_HOME to a folder that can be written',
      })
    }
  }

  /** Every run, and whether its owner lives. A file that cannot be read counts as a dead run's. */
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
          const nobody = { pid: 0, startTime: '', bootId: '' }
          return {
            run,
            engine: 'container' as const,
            owner: nobody,
            startedAt: '',
            kept: false,
            machines: [],
            alive: false,
          }
        }
      })
    return Promise.all(records)
  }

  async strike(run: string): Promise<void> {
    await rm(this.#file(run), { force: true })
  }

  #file(run: string): string {
    return join(this.folder, `${run}.json`)
  }
}

/** The entry of one's own run. */
export class LedgerPage {
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

  async add(machine: LabEntry): Promise<void> {
    this.#record = { ...this.#record, machines: [...this.#record.machines, machine] }
    await this.save()
  }

  async keep(): Promise<void> {
    this.#record = { ...this.#record, kept: true }
    await this.save()
  }

  /** Forgets the machines of a lab that is gone. */
  async removeLab(lab: string): Promise<void> {
    this.#record = { ...this.#record, machines: this.#record.machines.filter((machine) => machine.lab !== lab) }
    await this.save()
  }

  /** A reader sees the old page or the new one, never half of one. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      const temporary = `${this.#file}.new`
      await writeFile(temporary, JSON.stringify(this.#record), { mode: 0o600 })
      await rename(temporary, this.#file)
    })
    return this.#saving
  }
}
