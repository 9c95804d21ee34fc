import type { ScanRequest, Task, TaskFacts } from './reader-protocol.ts'

/** A workload whose folders are being read. */
interface Open {
  /** Folders and snapshots that were not read yet. */
  waiting: number
  snapshots: Task[]
  isWanted: boolean
}

export interface Done {
  readonly workloadId: string
  readonly isSkipped: boolean
}

/**
 * The remaining tasks, in an order that keeps few workloads open: workload by workload, each on all its targets, so
 * that a judged one can be forgotten.
 */
export class WorkList {
  readonly #filter: Pick<ScanRequest, 'workload' | 'project'>
  readonly #waitingRoots = new Set<number>()
  readonly #targetsOf = new Map<string, number[]>()
  readonly #open = new Map<string, Open>()
  #unopened: string[] | undefined
  #next = 0
  #ready: Task[] = []
  #readyAt = 0

  constructor(targets: number, filter: Pick<ScanRequest, 'workload' | 'project'>) {
    this.#filter = filter
    for (let target = 0; target < targets; target++) {
      this.#waitingRoots.add(target)
      this.#ready.push({ kind: 'root', target })
    }
  }

  get isOver(): boolean {
    return this.#unopened !== undefined && this.#next === this.#unopened.length && this.#open.size === 0
  }

  /** Undefined if there is nothing to do at the moment. */
  take(): Task | undefined {
    if (this.#readyAt === this.#ready.length) this.#openNext()
    const task = this.#ready[this.#readyAt]
    if (task === undefined) return undefined
    this.#readyAt++
    if (this.#readyAt > 1024) {
      this.#ready = this.#ready.slice(this.#readyAt)
      this.#readyAt = 0
    }
    return task
  }

  /** Returns a task that was taken but not carried out. */
  putBack(task: Task): void {
    this.#ready.push(task)
  }

  /** Adds the workloads of a target. A target that cannot be read has none. */
  rootDone(target: number, workloadIds: readonly string[]): void {
    if (!this.#waitingRoots.delete(target)) return
    for (const id of workloadIds) {
      const targets = this.#targetsOf.get(id)
      if (targets) targets.push(target)
      else this.#targetsOf.set(id, [target])
    }
    if (this.#waitingRoots.size === 0) this.#unopened = [...this.#targetsOf.keys()].sort()
  }

  /** Returns the workload if nothing of it remains to be read. */
  folderDone(target: number, workloadId: string, facts: TaskFacts): Done | undefined {
    const open = this.#open.get(workloadId)
    if (open === undefined) return undefined
    open.waiting--
    open.isWanted ||= this.#isWanted(workloadId, facts)
    for (const snapshotId of facts.snapshotIds ?? [])
      open.snapshots.push({ kind: 'snapshot', target, workloadId, snapshotId })
    if (open.waiting > 0) return undefined
    if (open.isWanted) for (const task of open.snapshots) this.#ready.push(task)
    open.waiting = open.isWanted ? open.snapshots.length : 0
    open.snapshots = []
    return this.#closeIfDone(workloadId, open)
  }

  snapshotDone(workloadId: string): Done | undefined {
    const open = this.#open.get(workloadId)
    if (open === undefined) return undefined
    open.waiting--
    return this.#closeIfDone(workloadId, open)
  }

  #closeIfDone(workloadId: string, open: Open): Done | undefined {
    if (open.waiting > 0) return undefined
    this.#open.delete(workloadId)
    return { workloadId, isSkipped: !open.isWanted }
  }

  #openNext(): void {
    if (this.#unopened === undefined) return
    const workloadId = this.#unopened[this.#next]
    if (workloadId === undefined) return
    this.#next++
    const targets = this.#targetsOf.get(workloadId) ?? []
    this.#targetsOf.delete(workloadId)
    this.#open.set(workloadId, { waiting: targets.length, snapshots: [], isWanted: false })
    for (const target of targets) this.#ready.push({ kind: 'folder', target, workloadId })
  }

  #isWanted(workloadId: string, { name, projectId }: TaskFacts): boolean {
    const { workload, project } = this.#filter
    if (workload !== undefined && workload !== workloadId && workload !== name) return false
    return project === undefined || project === projectId
  }
}
