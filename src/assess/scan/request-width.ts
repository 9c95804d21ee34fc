import { waitedForProcessorMs } from './processor-wait.ts'
import { counters } from './reader-protocol.ts'
import type { ReadingThread } from './reading-thread.ts'

const measureEveryMs = 100
/** Requests that take less than this on average are fastest one at a time. */
const slowRequestMs = 0.3
/** Where requests take longer than this, all that are allowed are made at once. */
const farRequestMs = 5

/**
 * Decides how many requests are under way at once. There are more only while threads spend most of their time waiting
 * for answers, in two measurements in a row: a local disk has slow moments too.
 */
export class RequestWidth {
  readonly #concurrency: number
  #last = { atMs: performance.now(), requests: 0, askedMs: 0, isSlow: false }

  constructor(concurrency: number) {
    this.#concurrency = concurrency
  }

  /** How many more requests may be under way from now on. */
  more(threads: readonly ReadingThread[], nowMs: number): number {
    const before = this.#last
    const tookMs = nowMs - before.atMs
    if (tookMs < measureEveryMs) return 0
    const now = { atMs: nowMs, requests: requestsOf(threads), askedMs: askedMsOf(threads, nowMs) }
    const askedMs = now.askedMs - before.askedMs
    const requests = now.requests - before.requests
    const width = threads.reduce((sum, thread) => sum + thread.width, 0)
    const areAllBusy = threads.every((thread) => thread.isOnline && thread.tasks.length >= thread.width)
    const isSlow = areAllBusy && askedMs >= (tookMs * width) / 2 && askedMs >= requests * slowRequestMs
    this.#last = { ...now, isSlow }
    const room = this.#concurrency - width
    if (!isSlow || !before.isSlow || room <= 0) return 0
    return askedMs > requests * farRequestMs ? room : Math.min(room, width)
  }
}

function requestsOf(threads: readonly ReadingThread[]): number {
  return threads.reduce((sum, { counts }) => sum + Atomics.load(counts, counters.requests), 0)
}

/**
 * How long all requests together have waited for answers, unanswered ones included. Waiting for a processor, as on a busy
 * machine, does not count.
 */
function askedMsOf(threads: readonly ReadingThread[], nowMs: number): number {
  return threads.reduce((sum, { counts, lastBeatMs }) => {
    const waiting = Atomics.load(counts, counters.requests) - Atomics.load(counts, counters.answers)
    const answersMs = (Atomics.load(counts, counters.askedUs) >>> 0) / 1000 + waiting * (nowMs - lastBeatMs)
    return sum + answersMs - waitedForProcessorMs(Atomics.load(counts, counters.threadId))
  }, 0)
}
