import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { MachineError } from '../src/errors.ts'
import type { ImageOnTarget } from '../src/operation/images.ts'
import { needsOf } from '../src/operation/needs.ts'
import type { RecoveryPlan } from '../src/operation/plan.ts'
import { Records } from '../src/operation/record.ts'
import { recover } from '../src/operation/recover.ts'
import type { Member } from '../src/operation/team.ts'
import type { NodeState } from '../src/recovery/node-state.ts'
import { planNode } from '../src/recovery/planner.ts'
import { planRebase } from '../src/recovery/renames.ts'
import type { CommandResult, Shell } from '../src/shell/shell.ts'
import { uuidFrom } from '../src/target/layout.ts'
import type { Times } from './comparison.ts'

const local = '/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=='
const origin = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const latencyMs = 20

/** A plan for many nodes and images, and how long it takes where every command takes its way through a network. */
export class RecoveryBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal
  readonly #images: readonly ImageOnTarget[]

  constructor(signal: AbortSignal, imageCount = 100_000) {
    this.#signal = signal
    this.#images = Array.from({ length: imageCount }, (_, index) => imageOf(index))
  }

  readonly nodes = 30

  get images(): number {
    return this.#images.length
  }

  /** Both strategies, from what is on the target and on the nodes. */
  readonly planning = async (): Promise<Times> => {
    const startedMs = performance.now()
    const plan = this.#plan(this.nodes)
    const { renames } = planRebase(
      this.#images.flatMap(({ path, parent }) =>
        parent === undefined ? [] : [{ path: `${local}/${path}`, backing: parent }],
      ),
      { local, origin },
    )
    const total = performance.now() - startedMs
    if (plan.nodes.some(({ actions }) => actions.length !== 2) || renames.length !== plan.needs[0]?.images)
      throw new MachineError('bench-recovery', 'this is not the plan that was to be made')
    return { total }
  }

  readonly onAll = (): Promise<Times> => this.#recover(this.nodes)
  readonly onOne = (): Promise<Times> => this.#recover(1)

  async #recover(nodes: number): Promise<Times> {
    const plan = this.#plan(nodes)
    const members = plan.nodes.map(({ where }): Member => ({ where, shell: farAway(where) }))
    const crew = { site: 'bench', members, targets: [local], user: undefined, mountedBy: undefined }
    const startedMs = performance.now()
    const results = await recover(crew, plan, this.#images, {
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

  #plan(nodes: number): RecoveryPlan {
    const { needs, broken } = needsOf(this.#images, [local])
    const states = Array.from({ length: nodes }, (_, index) => stateOf(`bench/compute-${index}`))
    return {
      madeAt: new Date().toISOString(),
      site: 'bench',
      targets: [local],
      strategy: 'bind-mount',
      persist: false,
      madeWith: {},
      images: this.#images.length,
      formats: {},
      listedBy: 'bench/compute-0',
      needs,
      broken,
      unread: [],
      foreign: 0,
      nodes: states.map((state) => ({ ...planNode(state, { persist: false }), state })),
      unknown: [],
    }
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

function stateOf(where: string): NodeState {
  const mount = { of: '0:40 /', type: 'nfs', source: '10.20.2.20:/replica', isShared: true }
  const pair = {
    local: { path: local, kind: 'directory', mount },
    origin: { path: origin, kind: 'missing' },
    isKeptInFstab: false,
    isLocalInFstab: true,
  } as const
  return { where, targets: [], pairs: [pair], isSystemd: true, qemuImg: '' }
}

/** Thirty hosts at this distance cannot be had: what one with nothing done says to the commands of a recovery. */
function farAway(where: string): Shell {
  const run: Shell['run'] = async (command) => {
    await delay(latencyMs)
    const isAskedForMounts = 'script' in command && command.script.includes('findmnt')
    const stdout = isAskedForMounts ? '0:40 /\n\n' : ''
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
