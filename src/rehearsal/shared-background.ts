import type { Drill } from '../drill/drill.ts'
import type { AppendedEvent, JournalEntry } from '../journal/journal.ts'
import type { Lab } from '../lab/lab.ts'
import { BackgroundCalls } from './background-calls.ts'
import type { Checkpoint } from './checkpoints.ts'
import type { Knowledge } from './knowledge.ts'
import type { Labs } from './labs.ts'

/** The rehearsal that performs a background. */
export interface BackgroundOwner {
  readonly knowledge: Knowledge
  readonly getLab: () => Lab | undefined
  /** Continues with another lab, in which the same background was performed. */
  readonly setLab: (lab: Lab) => void
}

/**
 * The background of a drill, which other scenarios of the run can share. Where that saves time, its outcome is saved for
 * them. This drill continues with the saved lab as they do, so that all of them begin with the same.
 */
export class SharedBackground {
  readonly #drill: Drill
  readonly #labs: Labs
  readonly #owner: BackgroundOwner
  readonly #calls: BackgroundCalls

  constructor(drill: Drill, labs: Labs, owner: BackgroundOwner) {
    this.#drill = drill
    this.#labs = labs
    this.#owner = owner
    const { background } = drill
    this.#calls = new BackgroundCalls({
      find: () => (background === undefined ? undefined : labs.checkpoints.find(background.background.key)),
      adopt: (checkpoint) => this.#adopt(checkpoint),
    })
    if (background !== undefined)
      background.watcher = {
        stepDone: (count) => this.#calls.stepDone(count),
        over: () => this.#saveIfWorthwhile(background.background.key),
      }
  }

  /** See `BackgroundCalls.perform`. */
  async perform(call: readonly unknown[], act: () => Promise<void>): Promise<void> {
    await this.#calls.perform(call, act)
  }

  async #saveIfWorthwhile(key: string): Promise<void> {
    const { calls, tookMs } = this.#calls
    const lab = this.#owner.getLab()
    const others = this.#labs.waiting(key)
    const entries = this.#drill.journal.entries()
    // Bringing a saved lab up takes about as long as bringing it up at first.
    const bringUpMs = entries.reduce((sum, one) => sum + (isProvision(one) ? one.durationMs : 0), 0)
    if (calls === undefined || lab === undefined || others * (tookMs - bringUpMs) < bringUpMs) return
    const knowledge = this.#owner.knowledge.copy()
    const events = entries.flatMap((entry) => lastingEvent(entry))
    const checkpoint = await this.#drill.during('provision', async () => {
      const scenario = { name: this.#drill.name, location: this.#drill.location }
      const saved = await this.#labs.checkpoints.make(lab, { key, calls, knowledge, events, tookMs, scenario })
      await this.#labs.endLab(lab)
      return saved
    })
    this.#note(`the outcome of the background is saved for ${others} more scenarios`, checkpoint)
    await this.#bringUp(checkpoint)
  }

  async #adopt(checkpoint: Checkpoint): Promise<void> {
    this.#owner.knowledge.adopt(checkpoint.knowledge)
    this.#note('the saved outcome of the background is used instead of performing it again', checkpoint)
    this.#drill.journal.append({ kind: 'background-taken-over', origin: checkpoint.origin })
    for (const event of checkpoint.events) this.#drill.journal.append(event)
    await this.#bringUp(checkpoint)
  }

  async #bringUp({ key, lab }: Checkpoint): Promise<void> {
    this.#owner.setLab(await this.#drill.during('provision', () => this.#labs.restoreLab(this.#drill, lab)))
    if (this.#labs.waiting(key) === 0) await this.#labs.checkpoints.remove(key)
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

/** Returns what later judgments can rest on, for the journal of another drill. Each event keeps its series. */
function lastingEvent(entry: JournalEntry): readonly AppendedEvent[] {
  if (entry.kind !== 'backup' && entry.kind !== 'fault' && entry.kind !== 'observation') return []
  const { seq: _seq, at: _at, drill: _drill, ...event } = entry
  return [event]
}
