import { type AssessmentListener, type AssessmentRequest, assess } from '../assess/assess.ts'
import type { AssessmentSummary } from '../assess/judge/assessment-summary.ts'
import type { ReadContent } from '../assess/judge/content-port.ts'
import type { ScanEvent, ScanRequest } from '../assess/scan/scan.ts'
import { shardNumberOf } from '../assess/scan/selected-vm.ts'
import { listed } from '../text/plural.ts'
import { chainKeyOf } from './disk-reading.ts'
import { SelectedDisks } from './disk-selection.ts'
import { distinct, mergedWorkload } from './merged-workload.ts'
import { Readings } from './readings.ts'
import { checkParts, Results } from './results.ts'

export type MergeRequest = Pick<AssessmentRequest, 'site' | 'failOn' | 'maxAgeMs' | 'nowMs'>

/**
 * Judges the results of a verification, without its targets. A missing shard, and what a shard has not read, is unknown.
 * @throws InputError for files that are not results, or not those of one verification
 */
export async function mergeResults(
  paths: readonly string[],
  request: MergeRequest,
  listener: AssessmentListener,
  signal: AbortSignal,
): Promise<AssessmentSummary> {
  const readings = new Readings()
  await using stack = new AsyncDisposableStack()
  const all: Results[] = []
  for (const path of paths) all.push(stack.use(await Results.open(path, readings)))
  checkParts(all)
  const merge = new Merge(all, readings)
  return await assess(
    {
      ...request,
      targets: merge.targets,
      depth: merge.depth,
      isIdentifying: true,
      concurrency: 1,
      answerWithinMs: 1,
      scan: (asked) => merge.scan(asked),
      readContent: merge.readContent,
      isContentSelected: merge.isSelected,
    },
    listener,
    signal,
  )
}

class Merge {
  readonly #all: readonly Results[]
  readonly #readings: Readings
  readonly #count: number
  readonly #byShard: ReadonlyMap<number, Results>
  readonly #selected: ReadonlyMap<number, SelectedDisks>

  constructor(all: readonly Results[], readings: Readings) {
    this.#all = all
    this.#readings = readings
    this.#count = all[0]?.shard.count ?? 1
    this.#byShard = new Map(all.map((one) => [one.shard.number, one]))
    this.#selected = new Map(all.map(({ shard, begin }) => [shard.number, new SelectedDisks(begin.selection)]))
  }

  get depth(): 'tables' | 'content' {
    return this.#all[0]?.begin.depth ?? 'content'
  }

  get targets(): readonly string[] {
    const [first] = this.#all
    const found = first?.targets ?? []
    return (first?.begin.targets ?? []).map((path, index) => found.find((one) => one.target === index)?.path ?? path)
  }

  async *scan({ workloadIds }: ScanRequest): AsyncGenerator<ScanEvent, void, undefined> {
    const known = new Set(this.#all.flatMap((one) => [...one.workloadIds]))
    for (const [target, path] of this.targets.entries()) yield this.#target(target, path, known)
    const gaps = this.#gaps()
    if (gaps !== '') yield { kind: 'no-target', target: 0, message: gaps }
    for (const failure of this.#all.flatMap(({ failures }) => failures)) yield failure
    for (const workloadId of [...known].sort()) {
      if (workloadIds !== undefined && !workloadIds.includes(workloadId)) continue
      const workload = await this.#workload(workloadId)
      for (const selected of this.#selected.values()) selected.add(workload)
      yield { kind: 'workload', workload }
    }
  }

  readonly readContent: ReadContent = async (links) => {
    const key = chainKeyOf(links)
    const result = key === undefined ? undefined : this.#readings.resultOf(key)
    return result ?? { kind: 'unknown', why: this.#whyNotRead(links[0]?.file?.path ?? '') }
  }

  readonly isSelected = (path: string): boolean => this.#selected.get(this.#shardOf(path))?.has(path) ?? true

  #target(target: number, path: string, known: ReadonlySet<string>): ScanEvent {
    const lines = this.#all.flatMap(({ targets }) => targets.filter((one) => one.target === target))
    return {
      kind: 'target',
      target,
      path,
      problems: distinct(lines.flatMap(({ problems }) => problems)),
      oddities: distinct(lines.flatMap(({ oddities }) => oddities)),
      // The first target has what only some shards have seen.
      workloadIds: [...new Set([...lines.flatMap(({ workloadIds }) => workloadIds), ...(target === 0 ? known : [])])],
    }
  }

  /** Why the results are not complete. Empty if they are. */
  #gaps(): string {
    const numbers = Array.from({ length: this.#count }, (_, index) => index + 1)
    const missing = numbers.filter((number) => !this.#byShard.has(number)).map((number) => this.#name(number))
    const cut = this.#all.filter(({ isEnded }) => !isEnded).map(({ path }) => path)
    const facts = [
      missing.length > 0 ? `${listed(missing, 8)} ${missing.length === 1 ? 'is' : 'are'} missing` : '',
      cut.length > 0 ? `the verification of ${listed(cut, 8)} was interrupted` : '',
    ]
    return facts.filter((fact) => fact !== '').join('; ')
  }

  async #workload(workloadId: string) {
    const found = new Map<number, NonNullable<Awaited<ReturnType<Results['workload']>>>>()
    for (const one of this.#all) {
      const workload = await one.workload(workloadId)
      if (workload !== undefined) found.set(one.shard.number, workload)
    }
    const whyAbsent = (number: number) => {
      const results = this.#byShard.get(number)
      if (results === undefined) return `${this.#name(number)} is missing`
      return results.isEnded ? `${this.#name(number)} did not find it` : `${this.#name(number)} was interrupted before`
    }
    return mergedWorkload({ workloadId, count: this.#count, found, whyAbsent })
  }

  #whyNotRead(path: string): string {
    const results = this.#byShard.get(this.#shardOf(path))
    if (results === undefined) return `${this.#name(this.#shardOf(path))} is missing`
    return results.isEnded ? 'its files changed before they were read' : 'the verification was interrupted before'
  }

  #shardOf(path: string): number {
    const [, workloadId = '', vmId = ''] = /^workload_([^/]+)\/snapshot_[^/]+\/vm_id_([^/]+)\//.exec(path) ?? []
    return shardNumberOf(workloadId, vmId, this.#count)
  }

  readonly #name = (number: number): string => `shard ${number}/${this.#count}`
}
