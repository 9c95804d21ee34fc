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
  /** True while it repeats, one by one, the tasks of a thread that died of one of them. */
  isRetrying: boolean
}

export const minAhead = 1

/** A thread's heap is small: what it reads is garbage once it has answered. */
export const threadMemoryMib = 128
const program = new URL(`./reader-thread${extname(import.meta.filename)}`, import.meta.url)

export interface ThreadListener {
  readonly onReply: (thread: ReadingThread, reply: Reply) => void
  /** The thread has died of an error. */
  readonly onError: (thread: ReadingThread, error: unknown) => void
}

/** @param memoryMib the size of its heap. A thread that needs more dies. */
export function startReadingThread(
  request: ScanRequest,
  memoryMib: number,
  { onReply, onError }: ThreadListener,
): ReadingThread {
  const beats = new SharedArrayBuffer(4 * Object.keys(counters).length)
  const start: ThreadStart = { request, beats }
  const resourceLimits = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: memoryMib }
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
    isRetrying: false,
  }
  worker.once('online', () => {
    thread.isOnline = true
  })
  worker.on('message', (reply: Reply) => onReply(thread, reply))
  worker.on('error', (error) => onError(thread, error))
  // One that waits for a silent share must not keep the process.
  worker.unref()
  return thread
}

/** The task that a thread works on. */
export function currentTask({ counts, answered, tasks }: ReadingThread): Task | undefined {
  return tasks[Atomics.load(counts, counters.tasks) - answered]
}
