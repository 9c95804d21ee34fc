import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import {
  counters,
  folderOf,
  type ReaderLine,
  type Reply,
  type ScanRequest,
  type Task,
  type TaskFacts,
  type ThreadStart,
} from './protocol.ts'
import { type Done, WorkList } from './work-list.ts'

interface Thread {
  readonly worker: Worker
  readonly counts: Int32Array
  /** What it was handed and has not told of. */
  readonly tasks: Task[]
  /** Of how many it has told. */
  told: number
  /** How many it is handed at once. */
  ahead: number
  isOnline: boolean
  lastBeats: number
  lastBeatMs: number
}

/** Of a thread: what it reads is gone as soon as it has told of it. */
const resourceLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 128 }

/**
 * Where tasks take no time at all, a thread is handed many at once; else one, or others would wait for it in the end. Not too
 * many: the more it is ahead, the more workloads are open at a time, in the memory of whoever judges them too.
 */
const leastAhead = 1
const mostAhead = 64
const aheadMs = 8
const lookEveryMs = 25
const growEveryMs = 100
/** Requests that take no longer than this on average are worth no further thread. */
const slowRequestMs = 0.3
/** Those that take longer than this are worth all the threads there may be, at once. */
const farRequestMs = 5
const program = new URL(`./reader-thread${extname(import.meta.filename)}`, import.meta.url)

/**
 * Reads targets with several threads: few where answers come at once, and more, up to `concurrency`, where the time is
 * spent waiting for them. A target that does not answer is given up, together with the threads that wait for it.
 */
export class Reader {
  readonly #request: ScanRequest
  readonly #say: (lines: Uint8Array | string) => boolean
  readonly #list: WorkList
  readonly #threads: Thread[] = []
  readonly #silent = new Set<number>()
  readonly #over = Promise.withResolvers<void>()
  #isPaused = false
  #grew = { atMs: performance.now(), beats: 0, askedMs: 0 }
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
    this.#start(Math.min(2, this.#request.concurrency))
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
        ahead: leastAhead,
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
        // A thread that has enough for now gets what it lacks at once.
        if (this.#isPaused || count <= 0 || (!isFirst && thread.tasks.length > thread.ahead / 2)) continue
        const tasks = this.#take(count)
        if (tasks.length === 0) return
        thread.tasks.push(...tasks)
        thread.worker.postMessage(tasks)
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
    thread.ahead = Math.max(leastAhead, Math.min(mostAhead, Math.round((aheadMs * tasks.length) / reply.tookMs)))
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
    const { counts } = thread
    const beats = Atomics.load(counts, counters.beats)
    const task = taskOf(thread)
    if (task !== undefined && Atomics.load(counts, counters.slowFailures) > 0)
      this.#silence(task, nowMs - thread.lastBeatMs)
    // An even number of beats: it computes, and waits for nobody.
    else if (beats % 2 === 0 || beats !== thread.lastBeats || task === undefined || !thread.isOnline) {
      thread.lastBeats = beats
      thread.lastBeatMs = nowMs
    } else if (nowMs - thread.lastBeatMs > this.#request.answerWithinMs) this.#silence(task, nowMs - thread.lastBeatMs)
  }

  #silence(task: Task, afterMs: number): void {
    const { target } = task
    if (!this.#silent.has(target))
      this.#sayLine({ kind: 'silent', target, folder: folderOf(task), afterMs: Math.round(afterMs) })
    this.#silent.add(target)
    // The threads that wait for it cannot be ended; others take over what else they were handed.
    const lost = this.#threads.filter((thread) => taskOf(thread)?.target === target)
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

  #beats(): number {
    return this.#threads.reduce((sum, { counts }) => sum + Atomics.load(counts, counters.beats), 0)
  }

  /** How long all threads together have waited for answers, those that are still under way included. */
  #askedMs(nowMs: number): number {
    return this.#threads.reduce((sum, thread) => {
      const { counts, lastBeatMs } = thread
      const isAsking = Atomics.load(counts, counters.beats) % 2 === 1
      return sum + (Atomics.load(counts, counters.askedUs) >>> 0) / 1000 + (isAsking ? nowMs - lastBeatMs : 0)
    }, 0)
  }

  /**
   * More threads only while those that there are spend most of their time waiting for answers. It is not looked at how much
   * they compute: on a machine that is busy each waits for a processor too, and for a share that is far away all the same.
   */
  #grow(nowMs: number): void {
    const tookMs = nowMs - this.#grew.atMs
    if (tookMs < growEveryMs) return
    const before = this.#grew
    this.#grew = { atMs: nowMs, beats: this.#beats(), askedMs: this.#askedMs(nowMs) }
    const isAllAtWork = this.#threads.every(({ isOnline, tasks }) => isOnline && tasks.length > 0)
    const room = this.#request.concurrency - this.#threads.length
    if (!isAllAtWork || this.#isPaused || room <= 0) return
    const askedMs = this.#grew.askedMs - before.askedMs
    const requests = (this.#grew.beats - before.beats) / 2
    const isWaiting = askedMs > (tookMs * this.#threads.length) / 2
    if (!isWaiting || askedMs < requests * slowRequestMs) return
    this.#start(askedMs > requests * farRequestMs ? room : Math.min(room, this.#threads.length))
  }
}

/** The one that it is at. */
function taskOf({ counts, told, tasks }: Thread): Task | undefined {
  return tasks[Atomics.load(counts, counters.tasks) - told]
}
