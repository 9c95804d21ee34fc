import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createChains } from './chains.ts'
import type { Times } from './comparison.ts'
import { buildPackage, command } from './package.ts'
import { checkDisks, outputOf, QueuedVerification } from './queued-verification.ts'

const workloads = 100

/**
 * A verification of many small disks on one host without a queue, and through Debian's PostgreSQL on the same host. Both
 * include the start of all their processes, and the judgment in the end.
 */
export class QueueBench implements AsyncDisposable {
  readonly chains = 20 * workloads
  /** In memory: the share is not what is measured. */
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'dr-drill-bench-'))
  readonly #target = join(this.#folder, 'target')
  readonly #signal: AbortSignal
  #queued: QueuedVerification | undefined
  #results = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    await buildPackage(this.#signal)
    await createChains(this.#target, workloads, this.#signal)
    this.#queued = await QueuedVerification.start(this.#target, this.#signal)
  }

  withoutQueue = async (): Promise<Times> => {
    const results = join(this.#folder, `${this.#results++}.ndjson`)
    const startedMs = performance.now()
    const verify = spawn(process.execPath, [command, 'verify', this.#target, '--results', results], { stdio: 'pipe' })
    checkDisks(await outputOf(verify, this.#signal), this.chains)
    return { total: performance.now() - startedMs }
  }

  byOneWorker = (): Promise<Times> => this.#time([undefined])
  byOneOnOneCore = (): Promise<Times> => this.#time([0])
  byTwoOnTwoCores = (): Promise<Times> => this.#time([0, 1])

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queued?.[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #time(cores: readonly (number | undefined)[]): Promise<Times> {
    return { total: (await this.#queued?.time(cores, this.chains)) ?? Number.NaN }
  }
}
