import type { Drill } from '../drill/drill.ts'
import type { JournalEntry, JournalEvent } from '../journal/journal.ts'
import type { Lab } from '../lab/lab.ts'
import type { Checkpoint, Knowledge } from './checkpoints.ts'
import { Foundation } from './foundation.ts'
import type { Labs } from './labs.ts'

/** Who lays a background, as far as its outcome goes. */
export interface Layer {
  readonly lab: () => Lab | undefined
  readonly knowledge: () => Knowledge
  /** Knows what another knew at the end of the same background. */
  readonly learn: (knowledge: Knowledge) => void
  /** Goes on with the lab in which it was laid, or a copy of it. */
  readonly goOn: (lab: Lab) => void
}

/**
 * The background of a drill, which other scenarios of the run may share: where that is worth while its outcome is saved
 * for them, and this drill goes on from the saved lab as they will. All of them begin with the same.
 */
export class SharedBackground {
  readonly #drill: Drill
  readonly #labs: Labs
  readonly #layer: Layer
  readonly #foundation: Foundation

  constructor(drill: Drill, labs: Labs, layer: Layer) {
    this.#drill = drill
    this.#labs = labs
    this.#layer = layer
    const { background } = drill
    this.#foundation = new Foundation({
      find: () => (background === undefined ? undefined : labs.checkpoints.find(background.background.key)),
      takeOver: (checkpoint) => this.#takeOver(checkpoint),
    })
    if (background !== undefined)
      background.watcher = {
        stepDone: (count) => this.#foundation.stepDone(count),
        over: () => this.#saveIfWorthwhile(background.background.key),
      }
  }

  /** See `Foundation.lay`. */
  async lay(call: readonly unknown[], act: () => Promise<void>): Promise<void> {
    await this.#foundation.lay(call, act)
  }

  async #saveIfWorthwhile(key: string): Promise<void> {
    const { calls, tookMs } = this.#foundation
    const lab = this.#layer.lab()
    const others = this.#labs.waiting(key)
    const entries = this.#drill.journal.entries()
    // To bring a saved lab up takes about as long as it took to bring it up at first.
    const bringUpMs = entries.reduce((sum, one) => sum + (isProvision(one) ? one.durationMs : 0), 0)
    if (calls === undefined || lab === undefined || others * (tookMs - bringUpMs) < bringUpMs) return
    const knowledge = this.#layer.knowledge()
    const events = entries.flatMap((entry) => foundationEvent(entry))
    const checkpoint = await this.#drill.during('provision', async () => {
      const made = await this.#labs.checkpoints.make(lab, { key, calls, knowledge, events, tookMs })
      await this.#labs.endLab(lab)
      return made
    })
    this.#note(`the outcome of the background is saved for ${others} more scenarios`, checkpoint)
    await this.#bringUp(checkpoint)
  }

  async #takeOver(checkpoint: Checkpoint): Promise<void> {
    this.#layer.learn(checkpoint.knowledge)
    this.#note('the outcome of the background is taken over instead of carrying it out again', checkpoint)
    for (const event of checkpoint.events) this.#drill.journal.append(event)
    await this.#bringUp(checkpoint)
  }

  async #bringUp({ key, lab }: Checkpoint): Promise<void> {
    this.#layer.goOn(await this.#drill.during('provision', () => this.#labs.restoreLab(this.#drill, lab)))
    if (this.#labs.waiting(key) === 0) await this.#labs.checkpoints.drop(key)
  }

  #note(text: string, { lab, tookMs }: Checkpoint): void {
    this.#drill.journal.append({ kind: 'note', text: `${text}, which took ${(tookMs / 1000).toFixed(1)} s` })
    const facts = Object.fromEntries(lab.machines.map(({ name, sha256 }) => [name, `disks sha256:${sha256}`]))
    this.#drill.journal.append({ kind: 'observation', subject: 'checkpoint', where: 'localhost', facts })
  }
}

function isProvision(entry: JournalEntry): entry is Extract<JournalEntry, { kind: 'phase-ended' }> {
  return entry.kind === 'phase-ended' && entry.phase === 'provision'
}

/** What later judgements of a background may rest on, as it is told to another journal. */
function foundationEvent(entry: JournalEntry): readonly JournalEvent[] {
  if (entry.kind !== 'backup' && entry.kind !== 'fault' && entry.kind !== 'observation') return []
  const { seq: _seq, at: _at, drill: _drill, ...event } = entry
  return [event]
}
