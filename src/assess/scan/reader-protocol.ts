import type { FoundSnapshot, ScanDepth } from './found.ts'
import type { FoundFolder, FoundRoot } from './read-workload.ts'
import type { VmSelection } from './selected-vm.ts'

/** The request to the process that reads. */
export interface ScanRequest extends VmSelection {
  /** Absolute paths. */
  readonly targets: readonly string[]
  readonly depth: ScanDepth
  /** True to identify files. */
  readonly isIdentifying?: boolean
  readonly concurrency: number
  /** A target is given up after waiting this long for an answer. */
  readonly answerWithinMs: number
  /** Undefined for all workloads. No others are opened. */
  readonly workloadIds?: readonly string[]
  /** Id or name. Undefined for all. */
  readonly workload?: string
  readonly project?: string
}

/** Messages of the process that reads, each a line of JSON. */
export type ReaderLine =
  /** The process has started, and begins to read. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'root'; readonly target: number; readonly path: string; readonly root: FoundRoot }
  | { readonly kind: 'no-root'; readonly target: number; readonly message: string }
  | { readonly kind: 'folder'; readonly target: number; readonly workloadId: string; readonly found: FoundFolder }
  | { readonly kind: 'snapshot'; readonly target: number; readonly workloadId: string; readonly found: FoundSnapshot }
  /** The workload is complete. */
  | { readonly kind: 'done'; readonly workloadId: string; readonly isSkipped: boolean }
  | { readonly kind: 'silent'; readonly target: number; readonly folder: string; readonly afterMs: number }
  /** The process is alive. */
  | { readonly kind: 'beat' }
  | { readonly kind: 'end' }

/** A task for a thread. */
export type Task =
  | { readonly kind: 'root'; readonly target: number }
  | { readonly kind: 'folder'; readonly target: number; readonly workloadId: string }
  | { readonly kind: 'snapshot'; readonly target: number; readonly workloadId: string; readonly snapshotId: string }

/** What is reported of a task that cannot be carried out. */
export function unreadLine(task: Task, unread: string): ReaderLine {
  const nothing = { problems: [], oddities: [] }
  if (task.kind === 'root') return { kind: 'no-root', target: task.target, message: unread }
  const { target, workloadId } = task
  if (task.kind === 'folder')
    return { kind: 'folder', target, workloadId, found: { part: { ...nothing, unread }, snapshotIds: [] } }
  const { snapshotId } = task
  return { kind: 'snapshot', target, workloadId, found: { snapshotId, vmNames: {}, disks: [], ...nothing, unread } }
}

/** A thread's answer to tasks, in the order in which it got them. */
export interface Reply {
  /**
   * Lines for the process that requested the scan, in UTF-8: bytes are passed on as they are, a string would be copied
   * four times.
   */
  readonly lines: Uint8Array
  readonly tasks: readonly TaskFacts[]
  readonly tookMs: number
}

/** The result of a task, as far as further tasks depend on it. */
export interface TaskFacts {
  readonly workloadIds?: readonly string[]
  readonly snapshotIds?: readonly string[]
  readonly name?: string
  readonly projectId?: string
}

/** A message to a thread. */
export interface Tasks {
  readonly tasks: readonly Task[]
  /** How many requests it may have under way at once. With 1 it carries out one task after another. */
  readonly width: number
}

/** The data that a thread starts with. */
export interface ThreadStart {
  readonly request: ScanRequest
  /** One number for each of `counters`. */
  readonly beats: SharedArrayBuffer
}

/** Counters of a thread, which the main thread can read while the thread waits. */
export const counters = {
  /** Requests to the file system. */
  requests: 0,
  /** Requests that were answered. */
  answers: 1,
  /** Microseconds until the answers arrived; wraps around. */
  askedUs: 2,
  /** Tasks that were carried out. */
  tasks: 3,
  /** The number, from 1, of a target with a request that failed only after seconds, and after how many milliseconds. */
  failedTarget: 4,
  failedAfterMs: 5,
  /** The kernel's number of the thread, for the time it waited for a processor. */
  threadId: 6,
} as const

/** The folder of a task, relative to the target. */
export function folderOf(task: Task): string {
  if (task.kind === 'root') return ''
  const folder = `workload_${task.workloadId}`
  return task.kind === 'folder' ? folder : `${folder}/snapshot_${task.snapshotId}`
}
