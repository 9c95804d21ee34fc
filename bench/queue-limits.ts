import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MachineError } from '../src/errors.ts'
import { createTarget } from '../src/generate/create.ts'
import { readShape } from '../src/generate/read-shape.ts'
import { addVerification } from '../src/verify/queue/add-verification.ts'
import { openQueue } from '../src/verify/queue/open.ts'
import { type DiskToRead, Slicer } from '../src/verify/queue/slicing.ts'
import type { Slice } from '../src/verify/queue/store.ts'
import type { Times } from './comparison.ts'
import { buildPackage } from './package.ts'
import { PeakMemory } from './peak-memory.ts'
import { QueuedVerification, stop } from './queued-verification.ts'

const chains = 1_000_000
const disksOfWorkload = 500

/** What a queue costs with many disks: adding them, without finding them, and the memory of a worker. */
export class QueueLimitsBench implements AsyncDisposable {
  readonly images = 50_000
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'dr-drill-bench-'))
  readonly #target = join(this.#folder, 'target')
  readonly #signal: AbortSignal
  readonly #disks: DiskToRead[] = []
  #queued: QueuedVerification | undefined

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    await buildPackage(this.#signal)
    const shape = readShape(undefined, { workloads: 50, vms: 10, disks: 10, snapshots: 10 })
    const { images } = await createTarget({ directory: this.#target, shape, signal: this.#signal })
    if (images !== this.images) throw new MachineError('bench-queue', `${images} images, not ${this.images}`)
    this.#queued = await QueuedVerification.start(this.#target, this.#signal)
    for (let nth = 0; nth < chains; nth++) this.#disks.push(syntheticDisk(nth))
  }

  /** The time from known disks to slices and jobs in the database. */
  addMillion = async (): Promise<Times> => {
    await this.#started.forget()
    await using queue = await openQueue(this.#started.url, () => {})
    const startedMs = performance.now()
    const slices = slicesOf(this.#disks)
    const slicedMs = performance.now()
    const facts = { key: randomUUID(), tool: 'bench', since: new Date(0).toISOString(), targets: [], selection: {} }
    const { disks, id } = await addVerification(facts, slices, queue, this.#signal)
    const endedMs = performance.now()
    const added = await queue.store.counts(id)
    if (disks !== chains || added.slices !== slices.length) throw new MachineError('bench-queue', 'disks are missing')
    return { slicing: slicedMs - startedMs, database: endedMs - slicedMs, total: endedMs - startedMs }
  }

  /** The peak until a worker has read a slice of 1000 disks, and has taken the next one. */
  workerMemory = async (): Promise<Times> => {
    await this.#started.forget()
    const verify = this.#started.spawn('verify')
    const worker = this.#started.spawn('worker')
    using memory = new PeakMemory(worker.pid)
    let output = ''
    try {
      verify.stdout?.resume()
      verify.stderr?.resume()
      for await (const bytes of worker.stderr ?? []) {
        output += bytes
        const slices = output.split('reading a slice of 1000 disks').length - 1
        if (slices > 1) return { 'with its children': memory.peakMib, total: memory.ownPeakMib }
        this.#signal.throwIfAborted()
      }
      throw new MachineError('bench-queue', `the worker has exited:\n${output}`)
    } finally {
      await Promise.all([stop(worker), stop(verify)])
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queued?.[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #started(): QueuedVerification {
    if (this.#queued === undefined) throw new Error('not prepared')
    return this.#queued
  }
}

/** A disk with names and a key as long as those of a real target. */
function syntheticDisk(nth: number): DiskToRead {
  const workloadId = uuidOf(Math.floor(nth / disksOfWorkload))
  const snapshot = `workload_${workloadId}/snapshot_${uuidOf(Math.floor(nth / 20))}`
  const path = `${snapshot}/vm_id_${uuidOf(nth % 5)}/vm_res_id_${uuidOf(nth % 20)}_vda/${uuidOf(nth)}`
  return { workloadId, path, key: createHash('sha256').update(path).digest('hex'), bytes: 2 ** 28 }
}

/** The same for the same number. */
const uuidOf = (number: number): string => `${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`

function slicesOf(disks: readonly DiskToRead[]): readonly Slice[] {
  const slicer = new Slicer()
  const slices: Slice[] = []
  for (const disk of disks) {
    const full = slicer.add(disk)
    if (full) slices.push(full)
  }
  const rest = slicer.rest()
  return rest === undefined ? slices : [...slices, rest]
}
