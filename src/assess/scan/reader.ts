import { availableParallelism } from 'node:os'
import { messageOf } from './oddities.ts'
import {
  counters,
  folderOf,
  type ReaderLine,
  type Reply,
  type ScanRequest,
  type Task,
  type TaskFacts,
  type Tasks,
  unreadLine,
} from './reader-protocol.ts'
import { currentTask, minAhead, type ReadingThread, startReadingThread, threadMemoryMib } from './reading-thread.ts'
import { RequestWidth } from './request-width.ts'
import { type Done, WorkList } from './work-list.ts'

/**
 * A thread gets as many tasks ahead as take this long. Where tasks are slow it gets one, or other threads would wait for it
 * in the end. More than `maxAhead` would open more workloads at a time, and keep them in memory.
 */
const aheadMs = 8
const maxAhead = 64
const lookEveryMs = 25
/** A line is due this often, so that the other process knows that this one is alive. */
const beatEveryMs = 500
/** More threads would have nothing to do: judging what was read takes longer. */
const maxThreads = Math.min(2, availableParallelism())

/**
 * Reads targets with one thread or two. Each makes one request at a time where answers are fast, and more where it would
 * wait for them, up to `concurrency` in total. A target that does not answer is given up, with the threads that wait
 * for it. So is a task that a thread dies of.
 */
export class Reader {
  readonly #request: ScanRequest
  readonly #write: (lines: Uint8Array | string) => boolean
  readonly #list: WorkList
  readonly #threads: ReadingThread[] = []
  readonly #silent = new Set<number>()
  readonly #over = Promise.withResolvers<void>()
  readonly #width: RequestWidth
  readonly #memoryMib: number
  #isPaused = false
  #writtenMs = performance.now()

  /**
   * @param write writes lines, and returns whether it takes more at once
   * @param memoryMib the memory of each thread
   */
  constructor(request: ScanRequest, write: (lines: Uint8Array | string) => boolean, memoryMib = threadMemoryMib) {
    this.#memoryMib = memoryMib
    this.#request = request
    this.#write = write
    this.#list = new WorkList(request.targets.length, request)
    this.#width = new RequestWidth(request.concurrency)
  }

  /** Settles when everything is read that answers. Threads that wait for an answer may be left. */
  async run(): Promise<{ readonly isStuck: boolean }> {
    const timer = setInterval(() => this.#look(), lookEveryMs)
    this.#start(Math.min(maxThreads, this.#request.concurrency))
    await this.#over.promise
    clearInterval(timer)
    const waiting = this.#threads.filter(({ tasks }) => tasks.length > 0)
    return { isStuck: waiting.length > 0 || this.#silent.size > 0 }
  }

  /** Continues once the lines that were written have been taken. */
  resume(): void {
    this.#isPaused = false
    this.#feed()
  }

  #start(count: number): void {
    for (let i = 0; i < count; i++) this.#threads.push(this.#newThread())
    this.#feed()
  }

  #newThread(): ReadingThread {
    return startReadingThread(this.#request, this.#memoryMib, {
      onReply: (thread, reply) => this.#receive(thread, reply),
      onError: (thread, error) => this.#lose(thread, error),
    })
  }

  #feed(): void {
    // Every thread gets one task before any gets a second.
    for (const isFirst of [true, false]) {
      for (const thread of this.#threads) {
        const count = isFirst ? 1 - thread.tasks.length : thread.ahead - thread.tasks.length
        const { width } = thread
        // Refills in large steps, not task by task.
        const hasEnough = !isFirst && width === 1 && thread.tasks.length > thread.ahead / 2
        if (this.#isPaused || count <= 0 || hasEnough || thread.isRetrying) continue
        const tasks = this.#take(count)
        if (tasks.length === 0) return
        for (const task of tasks) thread.tasks.push(task)
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

  /** Skips the tasks of targets that do not answer. */
  #next(): Task | undefined {
    for (let task = this.#list.take(); task !== undefined; task = this.#list.take()) {
      if (!this.#silent.has(task.target)) return task
      this.#giveUp(task)
    }
    if (this.#list.isOver) this.#over.resolve()
    return undefined
  }

  #receive(thread: ReadingThread, reply: Reply): void {
    const tasks = thread.tasks.splice(0, reply.tasks.length)
    // A late answer of a thread that has been given up.
    if (tasks.length === 0) return
    thread.answered += tasks.length
    thread.isRetrying &&= thread.tasks.length > 0
    const ahead = Math.min(maxAhead, Math.round((aheadMs * tasks.length) / reply.tookMs))
    thread.ahead = Math.max(minAhead, thread.width, ahead)
    this.#writeLines(reply.lines)
    for (const [index, task] of tasks.entries()) this.#done(task, reply.tasks[index] ?? {})
    this.#feed()
  }

  #done(task: Task, facts: TaskFacts): void {
    if (task.kind === 'root') this.#list.rootDone(task.target, facts.workloadIds ?? [])
    else if (task.kind === 'folder') this.#writeDone(this.#list.folderDone(task.target, task.workloadId, facts))
    else this.#writeDone(this.#list.snapshotDone(task.workloadId))
    if (this.#list.isOver) this.#over.resolve()
  }

  #writeDone(done: Done | undefined): void {
    if (done) this.#writeLine({ kind: 'done', ...done })
  }

  #writeLine(line: ReaderLine): void {
    this.#writeLines(`${JSON.stringify(line)}\n`)
  }

  #writeLines(lines: Uint8Array | string): void {
    this.#writtenMs = performance.now()
    if (!this.#write(lines)) this.#isPaused = true
  }

  #look(): void {
    const nowMs = performance.now()
    if (nowMs - this.#writtenMs > beatEveryMs) this.#writeLine({ kind: 'beat' })
    for (const thread of this.#threads) this.#watch(thread, nowMs)
    const more = this.#width.more(this.#threads, nowMs)
    if (more > 0 && !this.#isPaused) this.#widen(more)
  }

  #watch(thread: ReadingThread, nowMs: number): void {
    const { counts, isOnline } = thread
    const failed = Atomics.exchange(counts, counters.failedTarget, 0) - 1
    if (failed >= 0) {
      const task = thread.tasks.find(({ target }) => target === failed)
      this.#silence(failed, task, Atomics.load(counts, counters.failedAfterMs))
      return
    }
    const requests = Atomics.load(counts, counters.requests)
    const beats = requests + Atomics.load(counts, counters.answers)
    const task = currentTask(thread)
    // A thread that has all its answers computes, and waits for no share.
    if (beats === 2 * requests || beats !== thread.lastBeats || task === undefined || !isOnline) {
      thread.lastBeats = beats
      thread.lastBeatMs = nowMs
      return
    }
    // All its requests are as late as those of its first task.
    const afterMs = nowMs - thread.lastBeatMs
    if (afterMs > this.#request.answerWithinMs) this.#silence(task.target, task, afterMs)
  }

  #silence(target: number, at: Task | undefined, afterMs: number): void {
    const folder = at === undefined ? '' : folderOf(at)
    if (!this.#silent.has(target)) this.#writeLine({ kind: 'silent', target, folder, afterMs: Math.round(afterMs) })
    this.#silent.add(target)
    // Threads that wait for the target cannot be ended. Others take over the rest of their tasks.
    const lost = this.#threads.filter(({ tasks }) => tasks.some((one) => one.target === target))
    for (const thread of lost) {
      this.#threads.splice(this.#threads.indexOf(thread), 1)
      void thread.worker.terminate()
    }
    for (const task of lost.flatMap(({ tasks }) => tasks.splice(0))) {
      if (task.target === target) this.#giveUp(task)
      else this.#list.putBack(task)
    }
    if (this.#list.isOver) this.#over.resolve()
    else this.#start(lost.length)
  }

  #giveUp(task: Task, unread = 'the target does not answer'): void {
    this.#writeLine(unreadLine(task, unread))
    this.#done(task, { snapshotIds: [] })
  }

  /** Replaces a thread that has died. It costs the task that it died of. */
  #lose(thread: ReadingThread, error: unknown): void {
    const at = this.#threads.indexOf(thread)
    // It has been given up before.
    if (at === -1) return
    const culprit = currentTask(thread) ?? thread.tasks[0]
    if (culprit === undefined) {
      this.#over.reject(error)
      return
    }
    const tasks = thread.tasks.splice(0)
    this.#threads.splice(at, 1)
    if (thread.width > 1) {
      // Any of them may be the one. The new thread carries them out in turn.
      const next = this.#newThread()
      next.isRetrying = true
      for (const task of tasks) next.tasks.push(task)
      next.worker.postMessage({ tasks, width: 1 } satisfies Tasks)
      this.#threads.push(next)
      return
    }
    this.#giveUp(culprit, reasonOf(error))
    for (const task of tasks) if (task !== culprit) this.#list.putBack(task)
    if (this.#list.isOver) this.#over.resolve()
    else this.#start(1)
  }

  #widen(by: number): void {
    const threads = this.#threads.filter(({ isRetrying }) => !isRetrying)
    for (let index = 0; index < by; index++) {
      const thread = threads[index % threads.length]
      if (thread) thread.ahead = Math.max(thread.ahead, ++thread.width)
    }
    this.#feed()
  }
}

/** Why a thread has died. */
function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'reading it takes too much memory' : messageOf(error)
}
