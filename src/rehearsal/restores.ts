import type { ImageRecord } from '../backup/catalog.ts'
import type { Drill } from '../drill/drill.ts'
import { describeChain, readOut } from '../image/qemu.ts'
import { type JournalEvent, mountTableSubject, type Phase, type RestoreRecord } from '../journal/journal.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { Site } from '../lab/site.ts'
import type { Evidence } from '../reason/evidence.ts'
import { restore } from '../restore/restore.ts'
import type { User } from '../shell/shell.ts'
import { wrap } from '../shell/wrap.ts'
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
    for (const { record, evidence } of restored) {
      const argvOf = {
        sizing: describeChain,
        reading: (path: string) => readOut(path, `${this.#workDirectory}/restored.raw`),
      }
      const as = { user: plan.user, ...(node.serviceNamespace && { mountNamespace: node.serviceNamespace }) }
      for (const event of failedCommands(record, evidence, as, (part) => argvOf[part](pathOf(record.image))))
        journal.append(event)
      journal.append({ kind: 'restore', restore: record, evidence })
    }
    const seen = restored.find(({ evidence }) => evidence.observation !== undefined)?.evidence.observation
    if (seen !== undefined)
      journal.append({ kind: 'observation', subject: mountTableSubject, where: seen.where, facts: seen.mounts })
    return restored.map(({ record }) => record.id)
  }
}

/** The commands of a restore that did not succeed: they ran in a batch with others, and each is to be found by itself. */
function failedCommands(
  { durationMs }: RestoreRecord,
  { attempts }: Evidence,
  as: { readonly user: User; readonly mountNamespace?: string },
  argvOf: (part: Evidence['attempts'][number]['part']) => ReturnType<typeof describeChain>,
): readonly JournalEvent[] {
  return attempts
    .filter(({ ended, exitCode }) => ended !== 'not tried' && exitCode !== 0)
    .map(({ part, where, ended, exitCode, stderr }) => {
      const { command } = wrap(argvOf(part), as)
      return { kind: 'command', where, command, user: as.user, ended, exitCode, stdout: '', stderr, durationMs }
    })
}
