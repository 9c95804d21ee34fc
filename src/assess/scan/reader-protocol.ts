import type { FoundSnapshot, ScanDepth } from './found.ts'
import type { FoundFolder, FoundRoot } from './read-workload.ts'

/** What is asked of the process that reads. */
export interface ScanRequest {
  /** Absolute paths. */
  readonly targets: readonly string[]
  readonly depth: ScanDepth
  readonly concurrency: number
  /** A target that does not answer a request for so long is given up. */
  readonly answerWithinMs: number
  /** Nothing is opened of any other. */
  readonly workloadIds?: readonly string[]
  /** By its id or name. */
  readonly workload?: string
  readonly project?: string
  readonly vm?: string
}

/** What the process that reads says, a line of JSON each. */
export type ReaderLine =
  /** It has started, and now begins to ask. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'root'; readonly target: number; readonly path: string; readonly root: FoundRoot }
  | { readonly kind: 'no-root'; readonly target: number; readonly message: string }
  | { readonly kind: 'folder'; readonly target: number; readonly workloadId: string; readonly found: FoundFolder }
  | { readonly kind: 'snapshot'; readonly target: number; readonly workloadId: string; readonly found: FoundSnapshot }
  /** Everything of a workload has been said. */
  | { readonly kind: 'done'; readonly workloadId: string; readonly isSkipped: boolean }
  | { readonly kind: 'silent'; readonly target: number; readonly folder: string; readonly afterMs: number }
  /** Nothing has happened, but the process is there. */
  | { readonly kind: 'beat' }
  | { readonly kind: 'end' }

/** What a thread is asked to read. */
export type Task =
  | { readonly kind: 'root'; readonly target: number }
  | { readonly kind: 'folder'; readonly target: number; readonly workloadId: string }
  | { readonly kind: 'snapshot'; readonly target: number; readonly workloadId: string; readonly snapshotId: string }

/** What a thread has to say of tasks that it has carried out, in the order in which it was handed them. */
export interface Reply {
  /** Lines for whoever asked for the scan, in UTF-8: bytes are handed on as they are, a text would be copied four times. */
  readonly lines: Uint8Array
  readonly tasks: readonly TaskFacts[]
  readonly tookMs: number
}

/** What whoever hands out tasks needs to know of one that was carried out. */
export interface TaskFacts {
  readonly workloadIds?: readonly string[]
  readonly snapshotIds?: readonly string[]
  readonly name?: string
  readonly projectId?: string
}

/** What a thread is handed. */
export interface Tasks {
  readonly tasks: readonly Task[]
  /** How many requests it may have under way at once; one: it reads for one task after another. */
  readonly width: number
}

/** What a thread begins with. */
export interface ThreadStart {
  readonly request: ScanRequest
  /** One of each of `counters`. */
  readonly beats: SharedArrayBuffer
}

/** Of a thread, which others can look at while it waits. */
export const counters = {
  /** Requests to the file system that it has made. */
  requests: 0,
  /** Of them, those that have been answered. */
  answers: 1,
  /** Microseconds that the answers took; it wraps around. */
  askedUs: 2,
  /** Tasks that have been carried out. */
  tasks: 3,
  /** The number, from 1 on, of a target of which a request has failed only after seconds; and how many milliseconds. */
  failedTarget: 4,
  failedAfterMs: 5,
  /** Of the kernel, which tells of it how long it has waited for a processor. */
  threadId: 6,
} as const

/** Where a task reads, relative to the target. */
export function folderOf(task: Task): string {
  if (task.kind === 'root') return ''
  const folder = `workload_${task.workloadId}`
  return task.kind === 'folder' ? folder : `${folder}/snapshot_${task.snapshotId}`
}
