import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MachineError } from '../../errors.ts'
import { makeFolders } from '../../localhost/make-folders.ts'
import {
  instanceColumns,
  jobColumns,
  restoreColumns,
  restoredColumns,
  settingColumns,
  snapshotColumns,
  stateVersion,
  targetColumns,
  workloadColumns,
} from './state-schema.ts'
import { TableRows } from './table-rows.ts'

/** How long a command waits for another one that writes to the database. */
const busyMs = 20_000

/** The state of a workload manager: an SQLite database that survives power cuts, but not the loss of the appliance. */
export class StateStore implements Disposable {
  readonly #db: DatabaseSync
  readonly #folder: string
  readonly workloads
  readonly snapshots
  readonly instances
  readonly jobs
  readonly restores
  readonly restored
  readonly targets
  readonly settings

  /** @throws MachineError if the database cannot be opened */
  constructor(folder: string) {
    this.#folder = folder
    try {
      makeFolders(folder, 0o755)
      this.#db = new DatabaseSync(join(folder, 'state.db'), { timeout: busyMs })
      // With the defaults, a power cut could undo what a command has reported.
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
      this.workloads = new TableRows(this.#db, 'workloads', workloadColumns)
      this.snapshots = new TableRows(this.#db, 'snapshots', snapshotColumns)
      this.instances = new TableRows(this.#db, 'instances', instanceColumns, ['id', 'workloadId'])
      this.jobs = new TableRows(this.#db, 'jobs', jobColumns)
      this.restores = new TableRows(this.#db, 'restores', restoreColumns)
      this.restored = new TableRows(this.#db, 'restored', restoredColumns)
      this.targets = new TableRows(this.#db, 'targets', targetColumns)
      this.settings = new TableRows(this.#db, 'settings', settingColumns)
      this.#prepare()
    } catch (cause) {
      if (cause instanceof MachineError) throw cause
      throw new MachineError('manager-state', `cannot open ${folder}/state.db: ${(cause as Error).message}`, {
        cause,
        ...(process.getuid?.() !== 0 && { remedy: 'Become root: sudo -i' }),
      })
    }
  }

  /** Calls `change` in one transaction: all of its changes are made, or none. */
  transaction<Result>(change: () => Result): Result {
    if (this.#db.isTransaction) return change()
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const result = change()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
  }

  /** The value of a setting. Undefined if it has none. */
  setting(name: string): unknown {
    return this.settings.find({ name })?.value
  }

  set(name: string, value: unknown): void {
    this.transaction(() => {
      this.settings.remove({ name })
      this.settings.add({ name, value })
    })
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  #prepare(): void {
    this.transaction(() => {
      const version = Number(this.#db.prepare('PRAGMA user_version').get()?.['user_version'])
      if (version === stateVersion) return
      if (version !== 0)
        throw new MachineError(
          'manager-state',
          `${this.#folder}/state.db has version ${version}, and this program needs version ${stateVersion}`,
          { remedy: 'Move the state directory away, and import the workloads again.' },
        )
      for (const table of [this.workloads, this.snapshots, this.instances, this.jobs]) table.create()
      for (const table of [this.restores, this.restored, this.targets, this.settings]) table.create()
      this.snapshots.index('workloadId')
      this.instances.index('workloadId')
      this.restores.index('snapshotId')
      this.restored.index('workloadId')
      this.#db.exec(`PRAGMA user_version = ${stateVersion}`)
    })
  }
}
