import { lstatSync, realpathSync, statfsSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { Semaphore } from '../../concurrency/semaphore.ts'
import { FarTree } from './far-tree.ts'
import type { TargetIdentity } from './found.ts'
import { messageOf } from './oddities.ts'
import { ownThreadId } from './processor-wait.ts'
import { readSnapshotOwner } from './read-owner.ts'
import { readSnapshot } from './read-snapshot.ts'
import { readRoot, readWorkload } from './read-workload.ts'
import {
  counters,
  folderOf,
  type ReaderLine,
  type Reply,
  type Task,
  type TaskFacts,
  type Tasks,
  type ThreadStart,
  unreadLine,
} from './reader-protocol.ts'
import { HeldRoute, Route, ShortRoute } from './route.ts'
import { NearTree, type TargetTree, type Watch } from './target-tree.ts'

// A thread that reads: one task after another, or many at once where answers are slow.
const { request, beats } = workerData as ThreadStart
const counts = new Int32Array(beats)
Atomics.store(counts, counters.threadId, ownThreadId())

/** The answer to one task. */
interface Answer {
  readonly text: string
  readonly facts: TaskFacts
}

/** Fast tasks are answered together, because a message for each would take longer. A slow task is answered at once. */
const answerEveryMs = 4
const utf8 = new TextEncoder()

/** Settles when all tasks so far were answered. Answers keep the order of the tasks. */
let answered: Promise<void> = Promise.resolve()

/** Limits the requests of all trees with slow answers. */
const slots = new Semaphore(0)

parentPort?.on('message', ({ tasks, width }: Tasks) => {
  if (width === 1) {
    answered = answered.then(() => carryOutInTurn(tasks))
    return
  }
  slots.growTo(width)
  for (const task of tasks) carryOutMeanwhile(task)
})

async function carryOutInTurn(tasks: readonly Task[]): Promise<void> {
  let answers: Answer[] = []
  let startedMs = performance.now()
  for (const [nth, task] of tasks.entries()) {
    answers.push(await carryOut(task, readNear))
    Atomics.add(counts, counters.tasks, 1)
    const tookMs = performance.now() - startedMs
    if (tookMs < answerEveryMs && nth < tasks.length - 1) continue
    answer(answers, tookMs)
    answers = []
    startedMs += tookMs
  }
}

function carryOutMeanwhile(task: Task): void {
  const startedMs = performance.now()
  const carriedOut = carryOut(task, readFar)
  answered = answered.then(async () => {
    const one = await carriedOut
    Atomics.add(counts, counters.tasks, 1)
    answer([one], performance.now() - startedMs)
  })
}

function answer(answers: readonly Answer[], tookMs: number): void {
  const lines = utf8.encode(answers.map(({ text }) => text).join(''))
  parentPort?.postMessage({ lines, tasks: answers.map(({ facts }) => facts), tookMs } satisfies Reply, [lines.buffer])
}

/** Whatever fails in a task costs that task, and no other. */
async function carryOut(task: Task, act: (task: Task) => Promise<ReaderLine>): Promise<Answer> {
  try {
    return answerOf(await act(task))
  } catch (error) {
    return answerOf(unreadLine(task, messageOf(error)))
  }
}

const answerOf = (line: ReaderLine): Answer => ({ text: `${JSON.stringify(line)}\n`, facts: factsOf(line) })

const readNear = (task: Task) => readFrom(nearTree(task.target), task)

async function readFar(task: Task): Promise<ReaderLine> {
  const { target } = task
  const { root, isNfs } = placeOf(target)
  const route = isNfs ? new HeldRoute(root) : new HeldRoute(root, 0)
  try {
    return await new FarTree(route, watchOf(target), slots).whole((tree) => readFrom(tree, task))
  } finally {
    route.leave()
  }
}

async function readFrom(tree: TargetTree, task: Task): Promise<ReaderLine> {
  const { target } = task
  if (task.kind === 'root') {
    const root = readRoot(tree)
    const workloadIds = root.workloadIds.filter((id) => request.workloadIds?.includes(id) ?? true)
    const identity = request.isIdentifying ? { identity: identityOf(target, root.workloadIds) } : {}
    return { kind: 'root', target, path: tree.root, root: { ...root, workloadIds, ...identity } }
  }
  const folder = folderOf(task)
  const { workloadId } = task
  const isForOwners = request.depth === 'owners'
  if (task.kind === 'folder')
    return { kind: 'folder', target, workloadId, found: readWorkload(tree, folder, isForOwners) }
  const found = isForOwners
    ? readSnapshotOwner(tree, folder, task.snapshotId)
    : await readSnapshot(tree, folder, task.snapshotId, request)
  return { kind: 'snapshot', target, workloadId, found }
}

/** Enough folders to distinguish two targets: all that exist on both must have the same numbers. */
const maxIdentified = 16

function identityOf(target: number, workloadIds: readonly string[]): TargetIdentity {
  const { root } = placeOf(target)
  const { beat } = watchOf(target)
  const numberOf = (path: string): number => {
    beat(true)
    try {
      return lstatSync(path).ino
    } finally {
      beat(false)
    }
  }
  const some = workloadIds.toSorted().slice(0, maxIdentified)
  return {
    inode: numberOf(root),
    workloads: Object.fromEntries(some.map((id) => [id, numberOf(`${root}/workload_${id}`)])),
  }
}

function factsOf(line: ReaderLine): TaskFacts {
  if (line.kind === 'root') return { workloadIds: line.root.workloadIds }
  if (line.kind !== 'folder') return {}
  const { part, snapshotIds } = line.found
  const { name, projectId } = part.record ?? {}
  return { snapshotIds, ...(name !== undefined && { name }), ...(projectId !== undefined && { projectId }) }
}

/** One tree for each target. Some folders stay open from one task to the next. */
const nearTrees = new Map<number, NearTree>()

function nearTree(target: number): NearTree {
  let tree = nearTrees.get(target)
  if (tree === undefined) {
    const { root, isNfs } = placeOf(target)
    tree = new NearTree(isNfs ? new ShortRoute(root) : new Route(root), watchOf(target))
    nearTrees.set(target, tree)
  }
  return tree
}

function watchOf(target: number): Watch {
  return {
    beat(isAsking, tookMs = 0) {
      Atomics.add(counts, isAsking ? counters.requests : counters.answers, 1)
      if (!isAsking) Atomics.add(counts, counters.askedUs, Math.round(tookMs * 1000))
    },
    failedSlowly(tookMs) {
      Atomics.store(counts, counters.failedAfterMs, Math.round(tookMs))
      Atomics.store(counts, counters.failedTarget, target + 1)
    },
  }
}

/** `f_type` of `statfs(2)`. */
const nfs = 0x6969
const places = new Map<number, { readonly root: string; readonly isNfs: boolean }>()

/** Follows a symbolic link in the path of the target itself. */
function placeOf(target: number): { readonly root: string; readonly isNfs: boolean } {
  let place = places.get(target)
  if (place !== undefined) return place
  const { beat } = watchOf(target)
  beat(true)
  try {
    const root = realpathSync(request.targets[target] ?? '')
    place = { root, isNfs: statfsSync(root).type === nfs }
  } finally {
    beat(false)
  }
  places.set(target, place)
  return place
}
