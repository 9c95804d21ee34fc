import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { busyMs } from './busy-time.ts'
import { folderOf, type ReaderLine, type ScanRequest, type Task, type ThreadStart } from './protocol.ts'
import { type Done, type FolderFacts, WorkList } from './work-list.ts'

interface Reply extends FolderFacts {
  readonly line: string
  readonly workloadIds?: readonly string[]
}

interface Thread {
  readonly worker: Worker
  readonly beats: Int32Array
  /** What it was handed, the one that it is at first. */
  readonly tasks: Task[]
  isOnline: boolean
  lastBeats: number
  lastBeatMs: number
}

/** The next task is there when a thread is done with one. */
const tasksAhead = 3
const lookEveryMs = 25
const growEveryMs = 100
const program = new URL(`./reader-thread${extname(import.meta.filename)}`, import.meta.url)

/**
 * Reads targets with several threads: few where answers come at once, and more, up to `concurrency`, where the time is
 * spent waiting for them. A target that does not answer is given up, together with the threads that wait for it.
 */
export class Reader {
  readonly #request: ScanRequest
  readonly #say: (line: string) => boolean
  readonly #list: WorkList
  readonly #threads: Thread[] = []
  readonly #silent = new Set<number>()
  readonly #over = Promise.withResolvers<void>()
  #isPaused = false
  #grew = { busyMs: busyMs(), atMs: performance.now() }
  #saidMs = performance.now()

  /** @param say writes a line, and says whether more is welcome */
  constructor(request: ScanRequest, say: (line: string) => boolean) {
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
      const beats = new SharedArrayBuffer(8)
      const start: ThreadStart = { request: this.#request, beats }
      const worker = new Worker(program, { workerData: start, resourceLimits: { maxYoungGenerationSizeMb: 4 } })
      const nowMs = performance.now()
      const thread = {
        worker,
        beats: new Int32Array(beats),
        tasks: [],
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
    for (let ahead = 1; ahead <= tasksAhead; ahead++) {
      for (const thread of this.#threads) {
        if (this.#isPaused) return
        if (thread.tasks.length >= ahead) continue
        const task = this.#next()
        if (task === undefined) return
        thread.tasks.push(task)
        thread.worker.postMessage(task)
      }
    }
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
    const task = thread.tasks.shift()
    // It answers after all, but has been given up.
    if (task === undefined || this.#silent.has(task.target)) return
    this.#sayLine(reply.line)
    this.#done(task, reply)
    this.#feed()
  }

  #done(task: Task, facts: FolderFacts & Pick<Reply, 'workloadIds'>): void {
    if (task.kind === 'root') this.#list.rootDone(task.target, facts.workloadIds ?? [])
    else if (task.kind === 'folder') this.#sayDone(this.#list.folderDone(task.target, task.workloadId, facts))
    else this.#sayDone(this.#list.snapshotDone(task.workloadId))
    if (this.#list.isOver) this.#over.resolve()
  }

  #sayDone(done: Done | undefined): void {
    if (done) this.#sayLine(JSON.stringify({ kind: 'done', ...done } satisfies ReaderLine))
  }

  #sayLine(line: string): void {
    this.#saidMs = performance.now()
    if (!this.#say(line)) this.#isPaused = true
  }

  #look(): void {
    const nowMs = performance.now()
    if (nowMs - this.#saidMs > 500) this.#sayLine(JSON.stringify({ kind: 'beat' } satisfies ReaderLine))
    for (const thread of this.#threads) this.#watch(thread, nowMs)
    this.#grow(nowMs)
  }

  #watch(thread: Thread, nowMs: number): void {
    const beats = Atomics.load(thread.beats, 0)
    const [task] = thread.tasks
    if (task !== undefined && Atomics.load(thread.beats, 1) > 0) this.#silence(task, nowMs - thread.lastBeatMs)
    // An even number of beats: it computes, and waits for nobody.
    else if (beats % 2 === 0 || beats !== thread.lastBeats || task === undefined || !thread.isOnline) {
      thread.lastBeats = beats
      thread.lastBeatMs = nowMs
    } else if (nowMs - thread.lastBeatMs > this.#request.answerWithinMs) this.#silence(task, nowMs - thread.lastBeatMs)
  }

  #silence(task: Task, afterMs: number): void {
    const { target } = task
    if (this.#silent.has(target)) return
    this.#silent.add(target)
    const line: ReaderLine = { kind: 'silent', target, folder: folderOf(task), afterMs: Math.round(afterMs) }
    this.#sayLine(JSON.stringify(line))
    // The threads that wait for it cannot be ended; others take over what else they were handed.
    const lost = this.#threads.filter(({ tasks }) => tasks[0]?.target === target)
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
    this.#sayLine(JSON.stringify(line))
    this.#done(task, { snapshotIds: [] })
  }

  /** More threads only while those that there are spend most of their time waiting for answers. */
  #grow(nowMs: number): void {
    const tookMs = nowMs - this.#grew.atMs
    if (tookMs < growEveryMs) return
    const before = this.#grew
    this.#grew = { busyMs: busyMs(), atMs: nowMs }
    const isAllAtWork = this.#threads.every(({ isOnline, tasks }) => isOnline && tasks.length > 0)
    const room = this.#request.concurrency - this.#threads.length
    if (!isAllAtWork || this.#isPaused || room <= 0) return
    const isWaiting = this.#grew.busyMs - before.busyMs < (tookMs * this.#threads.length) / 2
    if (isWaiting) this.#start(Math.min(room, this.#threads.length))
  }
}
