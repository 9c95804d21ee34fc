import type { ImageRecord } from '../backup/catalog.ts'
import type { Drill } from '../drill/drill.ts'
import type { JournalEvent, Phase } from '../journal/journal.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { Site } from '../lab/site.ts'
import { type Restored, restore } from '../restore/restore.ts'
import { quote } from '../shell/quote.ts'
import type { Argv } from '../shell/shell.ts'
import { mountTable } from '../verdict/observation/node-facts.ts'
import { onAll } from './on-all.ts'

/** Restores that were made together: what a claim about "every restore" is about. */
export interface RestoreSeries {
  readonly ids: readonly string[]
  /** `where` of each node that read out. */
  readonly nodes: readonly string[]
  readonly images: readonly ImageRecord[]
}

export interface RestorePlace {
  readonly site: Site
  /** Where the site has an image: an absolute path. */
  readonly pathOf: (image: ImageRecord) => string
}

/** Restores are made one series after another, each with the evidence of what came of it in the drill's journal. */
export class Restores {
  readonly #drill: Drill
  readonly #workDirectory: string
  #count = 0

  /** @param workDirectory of every node, for bulk data */
  constructor(drill: Drill, workDirectory: string) {
    this.#drill = drill
    this.#workDirectory = workDirectory
  }

  /** Every image on every node. */
  async make(
    phase: Phase,
    images: readonly ImageRecord[],
    nodes: readonly Machine[],
    placeOf: (node: Machine) => RestorePlace,
  ): Promise<RestoreSeries> {
    const done = await this.#drill.during(phase, () =>
      onAll(nodes, (node) => this.#restoreOn(node, images, placeOf(node))),
    )
    return { ids: done.flat(), nodes: nodes.map(({ where }) => where), images }
  }

  async #restoreOn(
    node: Machine,
    images: readonly ImageRecord[],
    { site: { plan, appliance }, pathOf }: RestorePlace,
  ): Promise<readonly string[]> {
    const { journal, signal } = this.#drill
    const folder = `${this.#workDirectory}/restore`
    const owned = ['-o', `${plan.user.uid}`, '-g', `${plan.user.gid}`]
    await node.shell.run(['install', '-d', '-m', '700', ...owned, this.#workDirectory, folder])
    const restored = await restore(images, {
      site: plan.name,
      appliance: appliance.service,
      node: node.service,
      user: plan.user,
      pathOf,
      workDirectory: folder,
      signal,
      nextId: () => `r${++this.#count}`,
    })
    for (const one of restored) {
      for (const event of commandsOfFailed(one)) journal.append(event)
      journal.append({ kind: 'restore', restore: one.record, evidence: one.evidence })
    }
    const seen = restored.find(({ evidence }) => evidence.observation !== undefined)?.evidence.observation
    if (seen !== undefined) mountTable.record(journal, seen.where, seen.mounts)
    return restored.map(({ record }) => record.id)
  }
}

/** The commands of a restore that failed, as they ran in a batch with those of others. A restore that succeeded has none. */
function commandsOfFailed({ record, evidence }: Restored): readonly JournalEvent[] {
  if (record.outcome === 'restored') return []
  return evidence.attempts.flatMap(({ where, ended, exitCode, stdout, stderr, command }): readonly JournalEvent[] => {
    if (command === undefined) return []
    const { argv, ...executed } = command
    const output = { stdout, stderr }
    return [
      {
        kind: 'command',
        restoreId: record.id,
        where,
        command: quote(argv as Argv),
        ...executed,
        ended,
        exitCode,
        ...output,
      },
    ]
  })
}
