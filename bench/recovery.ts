import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../src/errors.ts'
import { kindOf } from '../src/recovery/action/kinds.ts'
import type { ImageOnTarget } from '../src/recovery/images/find-images.ts'
import { makePlan, type PlanWithImages } from '../src/recovery/site/make-plan.ts'
import { recover } from '../src/recovery/site/recover.ts'
import { Records } from '../src/recovery/site/recovery-records.ts'
import type { SiteHosts, SiteNode } from '../src/recovery/site/site-hosts.ts'
import type { CommandResult, Shell } from '../src/shell/shell.ts'
import { uuidFrom } from '../src/target/layout.ts'
import type { Times } from './comparison.ts'

const local = '/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=='
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const latencyMs = 20
const chunkBytes = 65_536

/** Times a plan for many nodes and images, and a recovery where every command takes the time of a network. */
export class RecoveryBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal
  /** The images as the first node lists them. */
  readonly #listing: string

  constructor(signal: AbortSignal, imageCount = 100_000) {
    this.#signal = signal
    this.images = imageCount
    const images = Array.from({ length: imageCount }, (_, index) => `${JSON.stringify(imageOf(index))}\n`)
    const formats = { 'compat=1.1': imageCount }
    this.#listing = `${images.join('')}${JSON.stringify({ target: 0, formats })}\n`
  }

  readonly nodes = 30

  readonly images: number

  /** The time from the list of images to the plan. */
  readonly planning = async (strategy: string, changes: (needed: number) => number): Promise<Times> => {
    const { planned, ms } = await this.#plan(this.nodes, strategy)
    const { needs, nodes } = planned.plan
    const parts = nodes.flatMap(({ actions }) => actions.flatMap((action) => kindOf(action).parts(action)))
    const expected = changes(needs[0]?.images ?? 0)
    if (parts.length !== expected)
      throw new MachineError('bench-recovery', `the plan has ${parts.length} changes, not ${expected}`)
    return { total: ms }
  }

  readonly onAll = (): Promise<Times> => this.#recover(this.nodes)
  readonly onOne = (): Promise<Times> => this.#recover(1)

  async #recover(nodes: number): Promise<Times> {
    const { hosts, planned } = await this.#plan(nodes, 'bind-mount')
    const startedMs = performance.now()
    const results = await recover(hosts, planned.plan, planned.images, {
      records: new Records(this.#folder),
      thoroughness: 'none',
      concurrency: 1,
      nowMs: Date.now(),
      signal: this.#signal,
      report: () => {},
    })
    const total = performance.now() - startedMs
    if (results.some(({ state, done }) => state !== 'recovered' || done !== 2))
      throw new MachineError('bench-recovery', JSON.stringify(results[0]))
    return { total }
  }

  /** Makes a plan, and measures the time after all images were listed. */
  async #plan(count: number, strategy: string): Promise<{ hosts: SiteHosts; planned: PlanWithImages; ms: number }> {
    let listedMs = Number.NaN
    const answer = (stdin: string) => {
      if (!stdin.includes('"list_images"')) return answerOf(stdin)
      listedMs = performance.now()
      return this.#listing
    }
    const nodes = Array.from({ length: count }, (_, index): SiteNode => {
      const where = `bench/compute-${index}`
      return { where, shell: farAway(where, answer) }
    })
    const hosts = { site: 'bench', nodes, targets: [local], user: undefined, mountedBy: undefined }
    const planned = await makePlan(hosts, { strategy, persist: false, nowMs: Date.now(), signal: this.#signal })
    return { hosts, planned, ms: performance.now() - listedMs }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** Chains of thirty. */
function imageOf(index: number): ImageOnTarget {
  const [chain, link] = [Math.floor(index / 30), index % 30]
  const path = (number: number) =>
    `workload_${uuidFrom(`${chain}`)}/snapshot_${uuidFrom(`${number}`)}/vm_id_${chain}/vm_res_id_${chain}_vda/${chain}-${number}`
  const parent = link === 0 ? {} : { parent: `${origin}/${path(link - 1)}` }
  return { target: 0, path: path(link), ...parent, uid: 1, gid: 1, mtime: index }
}

/** What the programs of a plan print on a node. Each image can be renamed. */
function answerOf(stdin: string): string {
  if (stdin.includes('"node_state"')) return nodeState
  const paths = stdin.matchAll(/\{"path":("[^"]+")/g)
  return [...paths].map(([, path]) => `{"path":${path},"state":"ready"}\n`).join('')
}

const mount = { of: '0:40 /', type: 'nfs', source: '10.20.2.20:/replica', isShared: true }
const nodeState = [
  { qemuImg: 'qemu-img version 10.0.2 (Debian 1:10.0.2+ds-2)', root: true },
  { path: local, kind: 'directory', mount },
  { path: origin, kind: 'missing' },
]
  .map((line) => `${JSON.stringify(line)}\n`)
  .join('')

const fstab = `10.20.2.20:/replica ${local} nfs soft 0 0\n`

/**
 * A host at a distance, which answers the commands of a recovery as one where nothing is done. Thirty real ones are not
 * available.
 * @param answer returns what a program on standard input prints
 */
function farAway(where: string, answer: (stdin: string) => string): Shell {
  const run: Shell['run'] = async (command, { stdin = '', onOutput } = {}) => {
    await delay(latencyMs)
    const script = 'script' in command ? command.script : ''
    const stdout = script.includes('base64 /etc/fstab')
      ? `plain\nsystemd\n${Buffer.from(fstab).toString('base64')}\n`
      : script.includes('findmnt') && !script.includes('mount --bind')
        ? '0:40 /\n\n'
        : answer(`${stdin}`)
    const bytes = Buffer.from(stdout)
    for (let at = 0; at < bytes.length; at += chunkBytes) onOutput?.(bytes.subarray(at, at + chunkBytes), 'stdout')
    const result: CommandResult = {
      where,
      command: '',
      ended: 'exited',
      exitCode: 0,
      signal: null,
      stdout,
      stderr: '',
      durationMs: latencyMs,
    }
    return result
  }
  return { where, run, try: run }
}
