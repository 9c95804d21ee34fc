import { realpathSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from './oddities.ts'
import { folderOf, type ReaderLine, type Task, type ThreadStart } from './protocol.ts'
import { readSnapshot } from './read-snapshot.ts'
import { readRoot, readWorkload } from './read-workload.ts'
import { Tree } from './tree.ts'

// One of the threads that read: one request to a file system at a time each.
const { request, beats } = workerData as ThreadStart
const counter = new Int32Array(beats)
const beat = () => void Atomics.add(counter, 0, 1)
const onSlowFailure = () => void Atomics.add(counter, 1, 1)
const trees = new Map<number, Tree>()

parentPort?.on('message', async (task: Task) => {
  const line = await carryOut(task)
  parentPort?.postMessage({ line: JSON.stringify(line), ...summaryOf(line) })
})

async function carryOut(task: Task): Promise<ReaderLine> {
  const { target } = task
  if (task.kind === 'root') {
    try {
      const tree = treeOf(target)
      return { kind: 'root', target, path: tree.root, root: readRoot(tree) }
    } catch (error) {
      return { kind: 'no-root', target, message: messageOf(error) }
    }
  }
  const folder = folderOf(task)
  const { workloadId } = task
  if (task.kind === 'folder') return { kind: 'folder', target, workloadId, found: readWorkload(treeOf(target), folder) }
  const found = await readSnapshot(treeOf(target), folder, task.snapshotId, request)
  return { kind: 'snapshot', target, workloadId, found }
}

/** What whoever hands out tasks needs to know of a line, without reading it again. */
function summaryOf(line: ReaderLine): object {
  if (line.kind === 'root') return { workloadIds: line.root.workloadIds }
  if (line.kind !== 'folder') return {}
  const { part, snapshotIds } = line.found
  return { snapshotIds, name: part.record?.name, projectId: part.record?.projectId }
}

function treeOf(target: number): Tree {
  let tree = trees.get(target)
  if (tree === undefined) {
    tree = new Tree(whereIs(request.targets[target] ?? ''), beat, onSlowFailure)
    trees.set(target, tree)
  }
  return tree
}

/** The path that was given may be a symbolic link: that one is followed. */
function whereIs(path: string): string {
  beat()
  try {
    return realpathSync(path)
  } finally {
    beat()
  }
}
