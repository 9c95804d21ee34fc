import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { waitedForProcessorMs } from './processor-wait.ts'
import {
  counters,
  folderOf,
  type ReaderLine,
  type Reply,
  type ScanRequest,
  type Task,
  type TaskFacts,
  type Tasks,
  type ThreadStart,
} from './reader-protocol.ts'
import { type Done, WorkList } from './work-list.ts'

interface Thread {
  readonly worker: Worker
  readonly counts: Int32Array
  /** What it was handed and has not told of. */
  readonly tasks: Task[]
  /** Of how many it has told. */
  told: number
  /** How many requests it may have under way at once. */
  width: number
  /** How many it is handed at once, at least as many. */
  ahead: number
  isOnline: boolean
  lastBeats: number
  lastBeatMs: number
}

/** Of a thread: what it reads is gone as soon as it has told of it. */
const resourceLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 }

/**
 * Where tasks take no time at all, a thread is handed many at once; else one, or others would wait for it in the end. Not too
 * many: the more it is ahead, the more workloads are open at a time, in the memory of whoever judges them too.
 */
const minAhead = 1
const maxAhead = 64
const aheadMs = 8
const lookEveryMs = 25
const growEveryMs = 100
/** Of a machine with more processors, others would have nothing to do: whoever judges what is read is the slower one. */
const maxThreads = Math.min(2, availableParallelism())
/** Requests that take no longer than this on average are best made one at a time. */
const slowRequestMs = 0.3
/** Where they take longer than this, as many are under way as there may be, at once. */
const farRequestMs = 5
const program = new URL(`./reader-thread${extname(import.meta.filename)}`, import.meta.url)

/**
 * Reads targets with a thread or two: one request at a time each where answers come at once, and more, up to `concurrency`
 * of all together, where the time is spent waiting for them. A target that does not answer is given up, together with the
 * threads that wait for it.
 */
export class Reader {
  readonly #request: ScanRequest
  readonly #say: (lines: Uint8Array | string) => boolean
  readonly #list: WorkList
  readonly #threads: Thread[] = []
  readonly #silent = new Set<number>()
  readonly #over = Promise.withResolvers<void>()
  #isPaused = false
  #looked = { atMs: performance.now(), requests: 0, askedMs: 0, isSlow: false }
  #saidMs = performance.now()

  /** @param say writes lines, and says whether more is welcome */
  constructor(request: ScanRequest, say: (lines: Uint8Array | string) => boolean) {
    this.#request = request
    this.#say = say
    this.#list = new WorkList(request.targets.length, request)
  }

  /** Settles when all is read that answers. Threads may be left that wait for an answer. */
  async run(): Promise<{ readonly isStuck: boolean }> {
    const timer = setInterval(() => this.#look(), lookEveryMs)
    this.#start(Math.min(maxThreads, this.#request.concurrency))
    await this.#over.promise
    clearInterval(timer)
    const waiting = this.#threads.filter(({ tasks }) => tasks.length > 0)
    return { isStuck: waiting.length > 0 || this.#silent.size > 0 }
  }

  /** What was said has been taken. */
  resume(): void {
    this.#isPaused = false
    this.#feed()
  }

  #start(count: number): void {
    for (let i = 0; i < count; i++) {
      const beats = new SharedArrayBuffer(4 * Object.keys(counters).length)
      const start: ThreadStart = { request: this.#request, beats }
      const worker = new Worker(program, { workerData: start, resourceLimits })
      const nowMs = performance.now()
      const thread = {
        worker,
        counts: new Int32Array(beats),
        tasks: [],
        told: 0,
        width: 1,
        ahead: minAhead,
        isOnline: false,
        lastBeats: 0,
        lastBeatMs: nowMs,
      }
      worker.once('online', () => {
        thread.isOnline = true
      })
      worker.on('message', (reply: Reply) => this.#receive(thread, reply))
      worker.on('error', (error) => this.#over.reject(error))
      this.#threads.push(thread)
    }
    this.#feed()
  }

  #feed(): void {
    // One each before a second for anybody.
    for (const isFirst of [true, false]) {
      for (const thread of this.#threads) {
        const count = isFirst ? 1 - thread.tasks.length : thread.ahead - thread.tasks.length
        const { width } = thread
        // One that has enough for now gets what it lacks at once.
        const hasEnough = !isFirst && width === 1 && thread.tasks.length > thread.ahead / 2
        if (this.#isPaused || count <= 0 || hasEnough) continue
        const tasks = this.#take(count)
        if (tasks.length === 0) return
        thread.tasks.push(...tasks)
        thread.worker.postMessage({ tasks, width } satisfies Tasks)
      }
    }
  }

  #take(count: number): readonly Task[] {
    const tasks: Task[] = []
    for (let task = this.#next(); task !== undefined; task = this.#next()) {
      tasks.push(task)
      if (tasks.length === count) break
    }
    return tasks
  }

  /** What is on a target that does not answer is done with. */
  #next(): Task | undefined {
    for (let task = this.#list.take(); task !== undefined; task = this.#list.take()) {
      if (!this.#silent.has(task.target)) return task
      this.#giveUp(task)
    }
    if (this.#list.isOver) this.#over.resolve()
    return undefined
  }

  #receive(thread: Thread, reply: Reply): void {
    const tasks = thread.tasks.splice(0, reply.tasks.length)
    // It answers after all, but has been given up.
    if (tasks.length === 0) return
    thread.told += tasks.length
    const ahead = Math.min(maxAhead, Math.round((aheadMs * tasks.length) / reply.tookMs))
    thread.ahead = Math.max(minAhead, thread.width, ahead)
    this.#sayWhole(reply.lines)
    for (const [nth, task] of tasks.entries()) this.#done(task, reply.tasks[nth] ?? {})
    this.#feed()
  }

  #done(task: Task, facts: TaskFacts): void {
    if (task.kind === 'root') this.#list.rootDone(task.target, facts.workloadIds ?? [])
    else if (task.kind === 'folder') this.#sayDone(this.#list.folderDone(task.target, task.workloadId, facts))
    else this.#sayDone(this.#list.snapshotDone(task.workloadId))
    if (this.#list.isOver) this.#over.resolve()
  }

  #sayDone(done: Done | undefined): void {
    if (done) this.#sayLine({ kind: 'done', ...done })
  }

  #sayLine(line: ReaderLine): void {
    this.#sayWhole(`${JSON.stringify(line)}\n`)
  }

  #sayWhole(lines: Uint8Array | string): void {
    this.#saidMs = performance.now()
    if (!this.#say(lines)) this.#isPaused = true
  }

  #look(): void {
    const nowMs = performance.now()
    if (nowMs - this.#saidMs > 500) this.#sayLine({ kind: 'beat' })
    for (const thread of this.#threads) this.#watch(thread, nowMs)
    this.#grow(nowMs)
  }

  #watch(thread: Thread, nowMs: number): void {
    const { counts, isOnline } = thread
    const failed = Atomics.exchange(counts, counters.failedTarget, 0) - 1
    if (failed >= 0) {
      const task = thread.tasks.find(({ target }) => target === failed)
      this.#silence(failed, task, Atomics.load(counts, counters.failedAfterMs))
      return
    }
    const requests = Atomics.load(counts, counters.requests)
    const beats = requests + Atomics.load(counts, counters.answers)
    const task = taskOf(thread)
    // Whoever has all answers computes, and waits for nobody.
    if (beats === 2 * requests || beats !== thread.lastBeats || task === undefined || !isOnline) {
      thread.lastBeats = beats
      thread.lastBeatMs = nowMs
      return
    }
    // All that it has asked for is as late, and so is what the first of its tasks waits for.
    const afterMs = nowMs - thread.lastBeatMs
    if (afterMs > this.#request.answerWithinMs) this.#silence(task.target, task, afterMs)
  }

  #silence(target: number, at: Task | undefined, afterMs: number): void {
    const folder = at === undefined ? '' : folderOf(at)
    if (!this.#silent.has(target)) this.#sayLine({ kind: 'silent', target, folder, afterMs: Math.round(afterMs) })
    this.#silent.add(target)
    // The threads that wait for it cannot be ended; others take over what else they were handed.
    const lost = this.#threads.filter(({ tasks }) => tasks.some((one) => one.target === target))
    for (const thread of lost) {
      this.#threads.splice(this.#threads.indexOf(thread), 1)
      void thread.worker.terminate()
    }
    const handed = lost.flatMap(({ tasks }) => tasks.splice(0))
    for (const one of handed) {
      if (one.target === target) this.#giveUp(one)
      else this.#list.putBack(one)
    }
    if (this.#list.isOver) this.#over.resolve()
    else this.#start(lost.length)
  }

  #giveUp(task: Task): void {
    const unread = 'the target does not answer'
    const { target } = task
    const nothing = { problems: [], oddities: [] }
    let line: ReaderLine = { kind: 'no-root', target, message: unread }
    if (task.kind === 'folder') {
      line = { ...task, found: { part: { ...nothing, unread }, snapshotIds: [] } }
    } else if (task.kind === 'snapshot') {
      const { workloadId, snapshotId } = task
      line = { kind: 'snapshot', target, workloadId, found: { snapshotId, vmNames: {}, disks: [], ...nothing, unread } }
    }
    this.#sayLine(line)
    this.#done(task, { snapshotIds: [] })
  }

  #requests(): number {
    return this.#threads.reduce((sum, { counts }) => sum + Atomics.load(counts, counters.requests), 0)
  }

  /**
   * How long all requests together have waited for their answers, those that are still under way included; not for a
   * processor, as on a machine that is busy.
   */
  #askedMs(nowMs: number): number {
    return this.#threads.reduce((sum, { counts, lastBeatMs }) => {
      const waiting = Atomics.load(counts, counters.requests) - Atomics.load(counts, counters.answers)
      const answersMs = (Atomics.load(counts, counters.askedUs) >>> 0) / 1000 + waiting * (nowMs - lastBeatMs)
      return sum + answersMs - waitedForProcessorMs(Atomics.load(counts, counters.threadId))
    }, 0)
  }

  /**
   * More requests at a time only while those that are made are spent most of the time waiting for, and not only once: a local
   * disk has its moments too.
   */
  #grow(nowMs: number): void {
    const before = this.#looked
    const tookMs = nowMs - before.atMs
    if (tookMs < growEveryMs) return
    const now = { atMs: nowMs, requests: this.#requests(), askedMs: this.#askedMs(nowMs) }
    const askedMs = now.askedMs - before.askedMs
    const requests = now.requests - before.requests
    const width = this.#threads.reduce((sum, thread) => sum + thread.width, 0)
    const isAllAtWork = this.#threads.every((thread) => thread.isOnline && thread.tasks.length >= thread.width)
    const isSlow = isAllAtWork && askedMs >= (tookMs * width) / 2 && askedMs >= requests * slowRequestMs
    this.#looked = { ...now, isSlow }
    const room = this.#request.concurrency - width
    if (!isSlow || !before.isSlow || this.#isPaused || room <= 0) return
    this.#widen(askedMs > requests * farRequestMs ? room : Math.min(room, width))
  }

  #widen(by: number): void {
    for (let nth = 0; nth < by; nth++) {
      const thread = this.#threads[nth % this.#threads.length]
      if (thread) thread.ahead = Math.max(thread.ahead, ++thread.width)
    }
    this.#feed()
  }
}

/** The one that it is at. */
function taskOf({ counts, told, tasks }: Thread): Task | undefined {
  return tasks[Atomics.load(counts, counters.tasks) - told]
}
