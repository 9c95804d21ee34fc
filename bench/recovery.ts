import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../src/errors.ts'
import type { ImageOnTarget } from '../src/recovery/site/images.ts'
import { makePlan, type Planned, type Strategy } from '../src/recovery/site/plan.ts'
import { Records } from '../src/recovery/site/record.ts'
import { recover } from '../src/recovery/site/recover.ts'
import type { Crew, Member } from '../src/recovery/site/team.ts'
import type { CommandResult, Shell } from '../src/shell/shell.ts'
import { uuidFrom } from '../src/target/layout.ts'
import type { Times } from './comparison.ts'

const local = '/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=='
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const latencyMs = 20
const chunkBytes = 65_536

/** A plan for many nodes and images, and how long it takes where every command takes its way through a network. */
export class RecoveryBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal
  /** As the first node lists them. */
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

  /** From what nodes say of themselves, and, for a rebase, of each image; after the scan. */
  readonly planning = async (strategy: Strategy): Promise<Times> => {
    const { planned, ms } = await this.#plan(this.nodes, strategy)
    const { needs, nodes, rebase } = planned.plan
    const isPlanned =
      strategy === 'rebase'
        ? rebase?.renames.length === needs[0]?.images
        : nodes.length === this.nodes && nodes.every(({ actions }) => actions.length === 2)
    if (!isPlanned) throw new MachineError('bench-recovery', 'this is not the plan that was to be made')
    return { total: ms }
  }

  readonly onAll = (): Promise<Times> => this.#recover(this.nodes)
  readonly onOne = (): Promise<Times> => this.#recover(1)

  async #recover(nodes: number): Promise<Times> {
    const { crew, planned } = await this.#plan(nodes, 'bind-mount')
    const startedMs = performance.now()
    const results = await recover(crew, planned.plan, planned.images, {
      records: new Records(this.#folder),
      thoroughness: 'none',
      concurrency: 1,
      nowMs: Date.now(),
      signal: this.#signal,
      say: () => {},
    })
    const total = performance.now() - startedMs
    if (results.some(({ state, done }) => state !== 'recovered' || done !== 2))
      throw new MachineError('bench-recovery', JSON.stringify(results[0]))
    return { total }
  }

  /** And how long it took after all images were listed. */
  async #plan(nodes: number, strategy: Strategy): Promise<{ crew: Crew; planned: Planned; ms: number }> {
    let listedMs = Number.NaN
    const answer = (stdin: string) => {
      if (!stdin.includes('"walk"')) return answerOf(stdin)
      listedMs = performance.now()
      return this.#listing
    }
    const members = Array.from({ length: nodes }, (_, index): Member => {
      const where = `bench/compute-${index}`
      return { where, shell: farAway(where, answer) }
    })
    const crew = { site: 'bench', members, targets: [local], user: undefined, mountedBy: undefined }
    const planned = await makePlan(crew, { strategy, persist: false, nowMs: Date.now(), signal: this.#signal })
    return { crew, planned, ms: performance.now() - listedMs }
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

/** What the programs print that planning starts on a node; of a rebase, that each image may be written to. */
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
 * Thirty hosts at this distance cannot be had: what one with nothing done says to the commands of a recovery.
 * @param answer to a program on standard input
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
