import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MachineError } from '../src/errors.ts'
import { type ParentRename, renameParentNames } from '../src/recovery/action/parent-renames.ts'
import { renamesBetween } from '../src/recovery/strategy/rebase/plan-renames.ts'
import { LocalShell } from '../src/shell/local.ts'
import type { Times } from './comparison.ts'

// More than one program on a node takes.
const imageCount = 2500
const concurrency = 2
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='

/** Renames the parents of images on this machine, and back in the next round. */
export class RebaseBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #local = join(this.#folder, 'bG9jYWw=')
  readonly #signal: AbortSignal
  #there: readonly ParentRename[] = []
  #back: readonly ParentRename[] = []

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  readonly images = imageCount

  prepare(): void {
    const workload = join(this.#local, 'workload_1')
    mkdirSync(workload, { recursive: true })
    const full = join(workload, 'full')
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', full, '64M'])
    const backing = `${origin}/workload_1/full`
    const incremental = join(workload, 'incremental')
    copyFileSync(full, incremental)
    execFileSync('qemu-img', ['rebase', '-u', '-F', 'qcow2', '-b', backing, incremental])
    const images = Array.from({ length: imageCount }, (_, index) => join(workload, `${index}`))
    for (const image of images) copyFileSync(incremental, image)
    const named = images.map((path) => ({ path, backing }))
    this.#there = renamesBetween(named, { local: this.#local, origin }).renames
    this.#back = this.#there.map(({ path, from, to }) => ({ path, from: to, to: from }))
  }

  readonly byTool = async (): Promise<Times> => {
    const shell = new LocalShell()
    const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
    const startedMs = performance.now()
    const outcomes = await renameParentNames(shell, this.#next(), { user, concurrency, signal: this.#signal })
    const bad = outcomes.find(({ state }) => state !== 'done')
    if (bad !== undefined) throw new MachineError('bench-rebase', `${bad.path} is ${bad.state}: ${bad.why}`)
    return { total: performance.now() - startedMs }
  }

  readonly byHand = async (): Promise<Times> => {
    const shell = new LocalShell()
    const rename = ['qemu-img', 'rebase', '-q', '-u', '-f', 'qcow2', '-F', 'qcow2', '-b']
    const startedMs = performance.now()
    const stdin = this.#next()
      .map(({ path, to }) => `${to}\0${path}\0`)
      .join('')
    const argv = ['xargs', '-0', '-P', `${concurrency}`, '-n', '2', ...rename] as const
    await shell.run(argv, { stdin, deadlineMs: 3_600_000, signal: this.#signal })
    return { total: performance.now() - startedMs }
  }

  #next(): readonly ParentRename[] {
    const renames = this.#there
    this.#there = this.#back
    this.#back = renames
    return renames
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
