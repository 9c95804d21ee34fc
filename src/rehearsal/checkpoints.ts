import type { AppendedEvent, BackgroundOrigin } from '../journal/journal.ts'
import type { Lab } from '../lab/lab.ts'
import type { SavedLab } from '../lab/saved-lab.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { thisProcess } from '../localhost/process-identity.ts'
import type { Knowledge } from './knowledge.ts'

/** The outcome of a background: the lab, what is known of it, and the journal entries that judgments can rest on. */
export interface Checkpoint {
  /** See `Background`. */
  readonly key: string
  /** See `BackgroundCalls`. */
  readonly calls: readonly string[]
  readonly lab: SavedLab
  readonly knowledge: Knowledge
  readonly events: readonly AppendedEvent[]
  readonly origin: BackgroundOrigin
  /** Duration of the calls. */
  readonly tookMs: number
}

/** The checkpoints of a run, by the keys of their backgrounds. */
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

  /** Saves a lab, which ends with that. */
  async make(
    lab: Lab,
    {
      scenario,
      ...facts
    }: Omit<Checkpoint, 'lab' | 'origin'> & { readonly scenario: Pick<BackgroundOrigin, 'name' | 'location'> },
  ): Promise<Checkpoint> {
    const owner = { run: this.#run, lab: `checkpoint-${++this.#count}`, owner: await thisProcess() }
    const folder = await LeasedFolder.make(owner)
    try {
      const saved = await lab.save(folder.path)
      const origin = { ...scenario, lab: lab.name, savedAt: new Date().toISOString() }
      const checkpoint = { ...facts, lab: saved, origin }
      this.#checkpoints.set(facts.key, { checkpoint, folder })
      return checkpoint
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Removes a checkpoint that no scenario needs any more. */
  async remove(key: string): Promise<void> {
    const folder = this.#checkpoints.get(key)?.folder
    this.#checkpoints.delete(key)
    await folder?.[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#checkpoints.keys()].map((key) => this.remove(key)))
  }
}
