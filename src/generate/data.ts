import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { workloadRecords } from '../backup/records.ts'
import type { CommandOptions, Shell } from '../shell/shell.ts'
import { GeneratedSite } from './generated-site.ts'
import type { FolderMaker } from './placement.ts'
import { recordsOf } from './snapshot-records.ts'
import type { PlannedWorkload } from './target-plan.ts'
import type { TreeWriter } from './tree-writer.ts'

export interface DataOptions {
  readonly hasNetworks: boolean
  readonly makeFolder: FolderMaker
  readonly signal?: AbortSignal
}

/**
 * Writes a workload with data: live disks change from snapshot to snapshot, and images are taken of them as the lab's
 * backups are. Images name their parents by real paths while they are written, and by those of the site in the end. The
 * content digest of each image is recorded beside it. Yields the number of images that a snapshot has added.
 * @throws CommandError
 */
export async function* writeData(
  shell: Shell,
  tree: TreeWriter,
  workload: PlannedWorkload,
  { hasNetworks, makeFolder, signal }: DataOptions,
): AsyncGenerator<number> {
  const work = join(tmpdir(), `dr-drill-target-${randomUUID()}`)
  await using _work = await makeFolder(work)
  const limits: CommandOptions = { deadlineMs: 900_000, ...(signal && { signal }) }
  const site = new GeneratedSite({ shell, tree, workload, work, limits })
  for (const record of workloadRecords(workload)) tree.write(record.path, record.content)
  for (let nth = 1; nth <= (workload.snapshots.at(-1)?.nth ?? 0); nth++) yield await site.takeSnapshot(nth)
  for (const snapshot of workload.snapshots) {
    await site.send(snapshot)
    for (const record of recordsOf(workload, snapshot, (image) => site.factsOf(image), hasNetworks))
      tree.write(record.path, record.content)
  }
}
