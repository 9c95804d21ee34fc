import { realpathSync, statfsSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from './oddities.ts'
import {
  counters,
  folderOf,
  type ReaderLine,
  type Reply,
  type Task,
  type TaskFacts,
  type ThreadStart,
} from './protocol.ts'
import { readSnapshot } from './read-snapshot.ts'
import { readRoot, readWorkload } from './read-workload.ts'
import { Tree } from './tree.ts'
import { ShortWay, Way } from './way.ts'

// One of the threads that read: one request to a file system at a time each.
const { request, beats } = workerData as ThreadStart
const counts = new Int32Array(beats)
function beat(_isAsking: boolean, tookMs = 0): void {
  Atomics.add(counts, counters.beats, 1)
  Atomics.add(counts, counters.askedUs, Math.round(tookMs * 1000))
}
const onSlowFailure = () => void Atomics.add(counts, counters.slowFailures, 1)
const trees = new Map<number, Tree>()

/** Where many tasks take no time at all, to tell of each would take more. What waits longer than this is told of first. */
const tellEveryMs = 4
const utf8 = new TextEncoder()

parentPort?.on('message', async (tasks: readonly Task[]) => {
  let done: TaskFacts[] = []
  let text = ''
  let startedMs = performance.now()
  for (const [nth, task] of tasks.entries()) {
    const line = await carryOut(task)
    Atomics.add(counts, counters.tasks, 1)
    text += `${JSON.stringify(line)}\n`
    done.push(factsOf(line))
    const tookMs = performance.now() - startedMs
    if (tookMs < tellEveryMs && nth < tasks.length - 1) continue
    const lines = utf8.encode(text)
    parentPort?.postMessage({ lines, tasks: done, tookMs } satisfies Reply, [lines.buffer])
    done = []
    text = ''
    startedMs += tookMs
  }
})

async function carryOut(task: Task): Promise<ReaderLine> {
  const { target } = task
  if (task.kind === 'root') {
    try {
      const tree = treeOf(target)
      const root = readRoot(tree)
      const workloadIds = root.workloadIds.filter((id) => request.workloadIds?.includes(id) ?? true)
      return { kind: 'root', target, path: tree.root, root: { ...root, workloadIds } }
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

function factsOf(line: ReaderLine): TaskFacts {
  if (line.kind === 'root') return { workloadIds: line.root.workloadIds }
  if (line.kind !== 'folder') return {}
  const { part, snapshotIds } = line.found
  const { name, projectId } = part.record ?? {}
  return { snapshotIds, ...(name !== undefined && { name }), ...(projectId !== undefined && { projectId }) }
}

function treeOf(target: number): Tree {
  let tree = trees.get(target)
  if (tree === undefined) {
    tree = new Tree(wayTo(request.targets[target] ?? ''), beat, onSlowFailure)
    trees.set(target, tree)
  }
  return tree
}

/** `f_type` of `statfs(2)`. */
const nfs = 0x6969

/** The path that was given may be a symbolic link: that one is followed. */
function wayTo(path: string): Way {
  beat(true)
  try {
    const root = realpathSync(path)
    return statfsSync(root).type === nfs ? new ShortWay(root) : new Way(root)
  } finally {
    beat(false)
  }
}
