import type { JournalEvent } from '../journal/journal.ts'
import type { Lab } from '../lab/lab.ts'
import type { SavedLab } from '../lab/saved-lab.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { thisProcess } from '../localhost/process-identity.ts'
import type { Backup } from './backups.ts'
import type { Holdings } from './holdings.ts'

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

/** The checkpoints of a run, by the key of their background. */
export class Checkpoints implements AsyncDisposable {
  readonly #run: string
  readonly #checkpoints = new Map<string, { readonly checkpoint: Checkpoint; readonly folder: LeasedFolder }>()
  #count = 0

  constructor(run: string) {
    this.#run = run
  }

  find(key: string): Checkpoint | undefined {
    return this.#checkpoints.get(key)?.checkpoint
  }

  /** Saves a lab, which is of no use after that. */
  async make(lab: Lab, what: Omit<Checkpoint, 'lab'>): Promise<Checkpoint> {
    const owner = { run: this.#run, lab: `checkpoint-${++this.#count}`, owner: await thisProcess() }
    const folder = await LeasedFolder.make(owner)
    try {
      const checkpoint = { ...what, lab: await lab.save(folder.path) }
      this.#checkpoints.set(what.key, { checkpoint, folder })
      return checkpoint
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Forgets one that nobody waits for any more. */
  async drop(key: string): Promise<void> {
    const folder = this.#checkpoints.get(key)?.folder
    this.#checkpoints.delete(key)
    await folder?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#checkpoints.keys()].map((key) => this.drop(key)))
  }
}
