import type { Lab } from '../lab/lab.ts'
import { LeasedFolder } from '../lab/leased-folder.ts'
import { thisProcess } from '../lab/process-identity.ts'
import type { SavedLab } from '../lab/saved-lab.ts'
import type { Backup } from './backups.ts'
import type { Holdings } from './holdings.ts'
import type { JournalEvent } from './journal.ts'

/** What a rehearsal knows of its lab. */
export interface Knowledge {
  readonly primary: string | undefined
  readonly current: string | undefined
  readonly holdings: Holdings
  readonly backups: ReadonlyMap<string, Backup>
}

/** The outcome of a background: the lab, what is known of it, and what the journal holds of how it came about. */
export interface Checkpoint {
  /** See `Background`. */
  readonly key: string
  /** See `Foundation`. */
  readonly calls: readonly string[]
  readonly lab: SavedLab
  readonly knowledge: Knowledge
  readonly events: readonly JournalEvent[]
  /** What it took to lay it. */
  readonly tookMs: number
}

/** The checkpoint of the feature that is under way; scenarios of one feature come one after another. */
export class Checkpoints implements AsyncDisposable {
  readonly #run: string
  #current: { readonly checkpoint: Checkpoint; readonly folder: LeasedFolder } | undefined
  #count = 0

  constructor(run: string) {
    this.#run = run
  }

  /** The checkpoint of a background. One of another background is not needed any more. */
  async find(key: string): Promise<Checkpoint | undefined> {
    if (this.#current?.checkpoint.key !== key) await this[Symbol.asyncDispose]()
    return this.#current?.checkpoint
  }

  /** Saves a lab, which is of no use after that. */
  async make(lab: Lab, what: Omit<Checkpoint, 'lab'>): Promise<Checkpoint> {
    await this[Symbol.asyncDispose]()
    const owner = { run: this.#run, lab: `checkpoint-${++this.#count}`, owner: await thisProcess() }
    const folder = await LeasedFolder.make(owner)
    try {
      const checkpoint = { ...what, lab: await lab.save(folder.path) }
      this.#current = { checkpoint, folder }
      return checkpoint
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const folder = this.#current?.folder
    this.#current = undefined
    await folder?.[Symbol.asyncDispose]()
  }
}
