import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { counters, type Reply, type ScanRequest, type Task, type ThreadStart } from './reader-protocol.ts'

/** A thread that reads, as the process that hands out its tasks sees it. */
export interface ReadingThread {
  readonly worker: Worker
  readonly counts: Int32Array
  /** Tasks that it was given and has not answered. */
  readonly tasks: Task[]
  /** How many tasks it has answered. */
  answered: number
  /** How many requests it may have under way at once. */
  width: number
  /** How many tasks it is given ahead, at least `width`. */
  ahead: number
  isOnline: boolean
  lastBeats: number
  lastBeatMs: number
}

export const minAhead = 1

/** A thread's heap is small: what it reads is garbage once it has answered. */
const resourceLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 }
const program = new URL(`./reader-thread${extname(import.meta.filename)}`, import.meta.url)

export interface ThreadListener {
  readonly onReply: (thread: ReadingThread, reply: Reply) => void
  readonly onError: (error: unknown) => void
}

export function startReadingThread(request: ScanRequest, { onReply, onError }: ThreadListener): ReadingThread {
  const beats = new SharedArrayBuffer(4 * Object.keys(counters).length)
  const start: ThreadStart = { request, beats }
  const worker = new Worker(program, { workerData: start, resourceLimits })
  const thread: ReadingThread = {
    worker,
    counts: new Int32Array(beats),
    tasks: [],
    answered: 0,
    width: 1,
    ahead: minAhead,
    isOnline: false,
    lastBeats: 0,
    lastBeatMs: performance.now(),
  }
  worker.once('online', () => {
    thread.isOnline = true
  })
  worker.on('message', (reply: Reply) => onReply(thread, reply))
  worker.on('error', onError)
  return thread
}

/** The task that a thread works on. */
export function currentTask({ counts, answered, tasks }: ReadingThread): Task | undefined {
  return tasks[Atomics.load(counts, counters.tasks) - answered]
}
