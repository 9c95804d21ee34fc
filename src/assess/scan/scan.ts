import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MachineError } from '../../errors.ts'
import { killChild } from '../../localhost/kill-child.ts'
import { passMessages } from '../../localhost/pass-messages.ts'
import type { RecordProblem } from '../../target/record-files.ts'
import type { FoundPart, FoundSnapshot, FoundWorkload, Oddity, TargetIdentity } from './found.ts'
import type { FoundFolder } from './read-workload.ts'
import type { ReaderLine, ScanRequest } from './reader-protocol.ts'

export type { ScanRequest }

/** The events of a scan, in this order: the targets, then complete workloads, sorted by id. */
export type ScanEvent =
  | {
      readonly kind: 'target'
      readonly target: number
      readonly path: string
      readonly problems: readonly RecordProblem[]
      readonly oddities: readonly Oddity[]
      readonly workloadIds: readonly string[]
      /** Undefined unless it was asked for. */
      readonly identity?: TargetIdentity
    }
  | { readonly kind: 'no-target'; readonly target: number; readonly message: string }
  | { readonly kind: 'workload'; readonly workload: FoundWorkload }
  /** The filters exclude the workload. */
  | { readonly kind: 'skipped'; readonly workloadId: string }
  /** Images and snapshots that were read since the last event, and snapshots that were found. */
  | { readonly kind: 'read'; readonly images: number; readonly snapshots: number; readonly snapshotsKnown: number }
  /** Nothing more of this target follows: it stopped answering. */
  | { readonly kind: 'silent'; readonly target: number; readonly folder: string; readonly afterMs: number }

interface Gathered {
  folder?: FoundFolder
  readonly snapshots: FoundSnapshot[]
}

const program = fileURLToPath(new URL(`./reader-process${extname(import.meta.filename)}`, import.meta.url))
/** Time that the reader gets on top of the limit for a request. It writes a line twice a second. */
const graceMs = 10_000
/** The maximum that Node can have under way. */
const maxRequests = 1024
/** Until the reader is ready it waits for this machine, not for a share. */
const startWithinMs = 180_000

/** Where the events of a scan come from: targets, or a record of such events. */
export type Scan = (request: ScanRequest, signal: AbortSignal) => AsyncGenerator<ScanEvent, void, undefined>

/**
 * Reads targets in a separate process, which only reads. Ends in bounded time even if a share does not answer: then the
 * reader is killed. If it ends by itself, nothing more of any target follows.
 * @throws the signal's reason
 */
export async function* scanTargets(
  request: ScanRequest,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  signal.throwIfAborted()
  const targets = Math.max(1, request.targets.length)
  const concurrency = Math.min(request.concurrency, Math.max(1, Math.floor(maxRequests / targets)))
  const asked = JSON.stringify({ ...request, concurrency })
  // Threads of the garbage collector would take processors from reading and judging.
  const reader = spawn(process.execPath, ['--single-threaded-gc', program, asked], {
    stdio: 'pipe',
    env: {
      ...process.env,
      // Requests to a silent target stay under way. Requests to other targets must not wait for them.
      UV_THREADPOOL_SIZE: `${concurrency * targets}`,
      // Otherwise each of its threads keeps freed memory to itself.
      MALLOC_ARENA_MAX: '1',
    },
  })
  if (reader.pid === undefined) {
    const [cause] = (await once(reader, 'error')) as [Error]
    throw new MachineError('reader-missing', `cannot start the process that reads the targets: ${cause.message}`, {
      cause,
    })
  }
  passMessages(reader)
  const stop = () => {
    killChild(reader, 'SIGKILL')
    reader.stdout.destroy()
  }
  signal.addEventListener('abort', stop)
  // Runs only while the reader is waited for, not while the caller handles an event.
  let watchdog: NodeJS.Timeout | undefined
  const watch = (withinMs: number) => {
    watchdog = setTimeout(stop, withinMs)
  }
  const gathering = new Gathering()
  const lines = new Lines()
  let isOver = false
  try {
    watch(startWithinMs)
    for await (const chunk of reader.stdout) {
      clearTimeout(watchdog)
      for (const line of lines.of(chunk)) {
        isOver ||= line.kind === 'end'
        yield* gathering.take(line)
      }
      yield* gathering.progress()
      if (isOver) break
      watch(request.answerWithinMs + graceMs)
    }
  } catch (error) {
    signal.throwIfAborted()
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  } finally {
    clearTimeout(watchdog)
    signal.removeEventListener('abort', stop)
    // The reader gets a moment to end by itself.
    if (isOver) setTimeout(stop, 1000).unref()
    else stop()
    reader.unref()
    reader.stdin.destroy()
  }
  signal.throwIfAborted()
  if (isOver) return
  yield* gathering.rest()
  const message = 'the process that reads the targets has exited, or does not answer'
  for (const target of request.targets.keys()) yield { kind: 'no-target', target, message }
}

/** Assembles workloads from the lines of the reader, and keeps complete ones until their turn. */
class Gathering {
  readonly #open = new Map<string, Map<number, Gathered>>()
  readonly #complete = new Map<string, ScanEvent>()
  readonly #known = new Set<string>()
  readonly #read = { images: 0, snapshots: 0, snapshotsKnown: 0 }
  #order: string[] | undefined
  #next = 0

  #of(workloadId: string, target: number): Gathered {
    const parts = this.#open.get(workloadId) ?? new Map<number, Gathered>()
    const part = parts.get(target) ?? { snapshots: [] }
    this.#open.set(workloadId, parts.set(target, part))
    return part
  }

  *take(line: ReaderLine): Generator<ScanEvent, void, undefined> {
    if (line.kind === 'root') {
      const { target, path, root } = line
      for (const id of root.workloadIds) this.#known.add(id)
      yield { kind: 'target', target, path, ...root }
    } else if (line.kind === 'no-root') yield { kind: 'no-target', target: line.target, message: line.message }
    else if (line.kind === 'silent') yield line
    else if (line.kind === 'folder') {
      this.#of(line.workloadId, line.target).folder = line.found
      this.#read.snapshotsKnown += line.found.snapshotIds.length
    } else if (line.kind === 'snapshot') {
      this.#of(line.workloadId, line.target).snapshots.push(line.found)
      for (const disk of line.found.disks) this.#read.images += disk.images.length
      this.#read.snapshots++
    } else if (line.kind === 'done') {
      this.#complete.set(line.workloadId, this.#close(line.workloadId, line.isSkipped))
      yield* this.progress()
      yield* this.#inTurn()
    }
  }

  /** What was read since the last call. */
  *progress(): Generator<ScanEvent, void, undefined> {
    const { images, snapshots, snapshotsKnown } = this.#read
    if (snapshots === 0 && snapshotsKnown === 0) return
    this.#read.images = this.#read.snapshots = this.#read.snapshotsKnown = 0
    yield { kind: 'read', images, snapshots, snapshotsKnown }
  }

  /** Targets are listed before the first workload is read. */
  *#inTurn(): Generator<ScanEvent, void, undefined> {
    this.#order ??= [...this.#known].sort()
    for (; this.#next < this.#order.length; this.#next++) {
      const workloadId = this.#order[this.#next] ?? ''
      const event = this.#complete.get(workloadId)
      if (event === undefined) return
      this.#complete.delete(workloadId)
      yield event
    }
  }

  /** Complete workloads whose turn has not come. */
  *rest(): Generator<ScanEvent, void, undefined> {
    yield* [...this.#complete].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event)
    this.#complete.clear()
  }

  #close(workloadId: string, isSkipped: boolean): ScanEvent {
    const parts = [...(this.#open.get(workloadId) ?? [])].sort(([a], [b]) => a - b)
    this.#open.delete(workloadId)
    if (isSkipped) return { kind: 'skipped', workloadId }
    return { kind: 'workload', workload: { workloadId, parts: parts.map(([target, one]) => partOf(target, one)) } }
  }
}

/** Threads answer in any order. */
function partOf(target: number, { folder, snapshots }: Gathered): FoundPart {
  const nothing = { problems: [], oddities: [] }
  const sorted = snapshots.sort((a, b) => (a.snapshotId < b.snapshotId ? -1 : 1))
  return { target, ...(folder?.part ?? nothing), snapshots: sorted }
}

/** Assembles lines from chunks of any size. */
class Lines {
  #begun: Buffer[] = [];

  *of(chunk: Buffer): Generator<ReaderLine, void, undefined> {
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      this.#begun.push(chunk.subarray(from, at))
      const line = this.#begun.length === 1 ? this.#begun[0] : Buffer.concat(this.#begun)
      this.#begun = []
      from = at + 1
      yield JSON.parse(String(line)) as ReaderLine
    }
    if (from < chunk.length) this.#begun.push(chunk.subarray(from))
  }
}
