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
import { workDirectory as workOfMachines } from './scene.ts'

/** The restores of one step: the subject of a claim about "every restore". */
export interface RestoreSeries {
  /** See `JournalEntry`. Undefined if no step made them. */
  readonly series: string | undefined
  /** `where` of each node that read images out. */
  readonly nodes: readonly string[]
  readonly images: readonly ImageRecord[]
}

/** Where restores are made, and what is recorded. `Scene` is one. */
export interface RestoreScene {
  readonly drill: Drill
  siteOf(node: Machine): Site
  /** Returns the absolute path of an image on a site. */
  pathOn(site: Site, image: ImageRecord): string
  /** Returns the mount paths of a site's shares, and the origin paths of what is on them. */
  mountPathsOn(site: Site): readonly string[]
}

export interface SeriesOptions {
  readonly phase: Phase
  readonly images: readonly ImageRecord[]
  readonly nodes: readonly Machine[]
  /** Returns the id of the next restore. */
  readonly nextId: () => string
  /** Folder on the nodes for bulk data. Default: that of every machine of a lab. */
  readonly workDirectory?: string
}

/** Restores every image on every node, and records each restore with its evidence. */
export async function restoreSeries(scene: RestoreScene, options: SeriesOptions): Promise<RestoreSeries> {
  const { phase, images, nodes } = options
  const { drill } = scene
  await drill.during(phase, () => onAll(nodes, (node) => restoreOn(scene, node, options)))
  return { series: drill.series, nodes: nodes.map(({ where }) => where), images }
}

async function restoreOn(
  scene: RestoreScene,
  node: Machine,
  { images, nextId, workDirectory = workOfMachines }: SeriesOptions,
): Promise<void> {
  const { journal, signal } = scene.drill
  const site = scene.siteOf(node)
  const { user, name } = site.plan
  const folder = `${workDirectory}/restore`
  const owned = ['-o', `${user.uid}`, '-g', `${user.gid}`]
  await node.shell.run(['install', '-d', '-m', '700', ...owned, workDirectory, folder])
  const restored = await restore(images, {
    site: name,
    appliance: site.appliance.service,
    node: node.service,
    user,
    pathOf: (image) => scene.pathOn(site, image),
    roots: scene.mountPathsOn(site),
    workDirectory: folder,
    signal,
    nextId,
  })
  for (const one of restored) {
    for (const event of commandsOfFailed(one)) journal.append(event)
    journal.append({ kind: 'restore', restore: one.record, evidence: one.evidence })
  }
  const seen = restored.find(({ evidence }) => evidence.observation !== undefined)?.evidence.observation
  if (seen !== undefined) mountTable.record(journal, seen.where, seen.mounts)
}

/** Returns the commands of a failed restore as they ran, in a batch with those of others. A successful one has none. */
export function commandsOfFailed({ record, evidence }: Restored): readonly JournalEvent[] {
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
