import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTarget } from '../src/generate/create.ts'
import { readShape } from '../src/generate/read-shape.ts'
import { planTarget } from '../src/generate/target-plan.ts'
import { judgeByMapping, judgeByNames, planHandover } from '../src/handover/handover-plan.ts'
import { handoverPlanText } from '../src/handover/handover-plan-text.ts'
import { OwnerJudge } from '../src/handover/judge-owner.ts'
import { managerCommands } from '../src/handover/manager-commands.ts'
import { parseMapping } from '../src/handover/mapping.ts'
import { mappingText } from '../src/handover/mapping-text.ts'
import type { OwnedWorkload } from '../src/handover/owned-workload.ts'
import { readWorkloads } from '../src/handover/records/read-workloads.ts'
import { People } from '../src/identity/people.ts'
import { plainStyle } from '../src/text/style.ts'
import type { Times } from './comparison.ts'

const shape = readShape(undefined, { workloads: 10_000, vms: '1', disks: '1', snapshots: 3 })

/** The plan of a handover for 10,000 workloads, from records that were read. */
export class HandoverBench implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-bench-'))
  readonly #signal: AbortSignal
  #workloads: readonly OwnedWorkload[] = []
  #judge = new OwnerJudge(peopleOf([], ''), undefined, 'member')
  workloads = 0
  scanMs = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  async prepare(): Promise<void> {
    const target = join(this.#folder, 'target')
    await createTarget({ directory: target, shape, signal: this.#signal })
    const startedMs = performance.now()
    const { workloads } = await readWorkloads({ targets: [target], answerWithinMs: 30_000 }, this.#signal)
    this.scanMs = performance.now() - startedMs
    this.#workloads = workloads
    this.workloads = workloads.length
    const owners = [...planTarget(shape).workloads()]
    this.#judge = new OwnerJudge(peopleOf(owners, 'new-'), peopleOf(owners, ''), 'member')
  }

  /** Judges by names, writes and reads the mapping, judges by it, and makes commands and text. */
  byTool = async (): Promise<Times> => {
    const startedMs = performance.now()
    const proposed = judgeByNames(this.#workloads, this.#judge)
    const mapping = parseMapping(mappingText('new', proposed, this.#judge), 'mapping.yaml')
    const { judged, problems } = judgeByMapping(this.#workloads, this.#judge, mapping)
    const commands = managerCommands(judged)
    const plan = planHandover({ cloud: 'new', targets: ['/a'], workloads: judged, problems, unseen: [], commands })
    handoverPlanText(plan, { style: plainStyle, isAll: true, hasOldNames: true, next: [] })
    if (plan.exitCode !== 0) throw new Error(`the plan ends with ${plan.exitCode}: ${JSON.stringify(plan.states)}`)
    return { total: performance.now() - startedMs }
  };

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true })
  }
}

/** A cloud with these owners. @param prefix makes other ids of the same names */
function peopleOf(owners: readonly { readonly projectId: string; readonly userId: string }[], prefix: string): People {
  const named = (id: string) => ({ id: `${prefix}${id}`, name: `name-${id}`, domainId: 'default', isEnabled: true })
  return new People({
    domains: [{ id: 'default', name: 'Default', isEnabled: true }],
    projects: [...new Set(owners.map(({ projectId }) => projectId))].map(named),
    users: [...new Set(owners.map(({ userId }) => userId))].map(named),
    roles: [{ id: 'r', name: 'member' }],
    assignments: owners.map(({ projectId, userId }) => ({
      projectId: `${prefix}${projectId}`,
      userId: `${prefix}${userId}`,
      roleId: 'r',
    })),
    trusts: [],
    quotas: [],
  })
}
