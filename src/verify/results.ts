import { InputError } from '../errors.ts'
import { type Shard, shardText } from '../input/shard.ts'
import type { DiskReading } from './disk-reading.ts'
import type { Readings } from './readings.ts'
import type { BeginLine, ResultsLine } from './results-line.ts'
import { type PlacedLine, ResultsReader } from './results-lines.ts'
import { otherTarget } from './same-target.ts'

type TargetLine = Extract<ResultsLine, { kind: 'target' }>
export type FoundInResults = Extract<ResultsLine, { kind: 'workload' }>['workload']

/** The last verification in a file of results. Workloads are read when they are needed. */
export class Results implements AsyncDisposable {
  readonly begin: BeginLine
  readonly targets: readonly TargetLine[]
  /** Targets that could not be read, or stopped answering. */
  readonly failures: readonly Extract<ResultsLine, { kind: 'no-target' | 'silent' }>[]
  readonly isEnded: boolean
  readonly #reader: ResultsReader
  readonly #workloads: ReadonlyMap<string, Omit<PlacedLine, 'line'>>

  private constructor(reader: ResultsReader, last: Last) {
    this.#reader = reader
    this.begin = last.begin
    this.targets = last.targets
    this.failures = last.failures
    this.isEnded = last.isEnded
    this.#workloads = last.workloads
  }

  /**
   * @param readings takes the readings of that verification
   * @throws InputError
   */
  static async open(path: string, readings: Readings): Promise<Results> {
    const reader = await ResultsReader.open(path)
    try {
      return new Results(reader, await lastOf(reader, readings))
    } catch (error) {
      await reader[Symbol.asyncDispose]()
      throw error
    }
  }

  get path(): string {
    return this.#reader.path
  }

  /** `all of the targets` is one shard of one. */
  get shard(): Shard {
    return this.begin.shard ?? { number: 1, count: 1 }
  }

  get workloadIds(): Iterable<string> {
    return this.#workloads.keys()
  }

  /** Undefined if it was not found, or not yet. @throws InputError if the file was changed */
  async workload(id: string): Promise<FoundInResults | undefined> {
    const place = this.#workloads.get(id)
    if (place === undefined) return undefined
    const line = await this.#reader.lineAt(place)
    return line.kind === 'workload' ? line.workload : undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader[Symbol.asyncDispose]()
  }
}

interface Last extends Pick<Results, 'begin' | 'targets' | 'failures' | 'isEnded'> {
  readonly workloads: ReadonlyMap<string, Omit<PlacedLine, 'line'>>
}

/** An earlier verification in the file counts only through the readings that the last one has used again. */
async function lastOf(reader: ResultsReader, readings: Readings): Promise<Last> {
  let last: ReturnType<typeof begun> | undefined
  for await (const { line, ...place } of reader.lines()) {
    if (line.kind === 'begin') last = begun(line)
    // The first line is a begin.
    if (last === undefined) continue
    if (line.kind === 'target') last.targets.push(line)
    else if (line.kind === 'no-target' || line.kind === 'silent') last.failures.push(line)
    else if (line.kind === 'workload') last.workloads.set(line.workload.workloadId, place)
    else if (line.kind === 'reading') last.readings.push(line)
    else if (line.kind === 'end') last.isEnded = true
  }
  if (last === undefined) throw new InputError(`${reader.path} holds no results`)
  for (const reading of last.readings) readings.add(reading)
  return last
}

const begun = (begin: BeginLine) => ({
  begin,
  targets: [] as TargetLine[],
  failures: [] as Last['failures'][number][],
  workloads: new Map<string, Omit<PlacedLine, 'line'>>(),
  readings: [] as DiskReading[],
  isEnded: false,
})

/**
 * Checks that results are parts of one verification.
 * @throws InputError that names two files
 */
export function checkParts(all: readonly Results[]): void {
  const [first, ...others] = all
  if (first === undefined) return
  const refuse = (other: Results, why: string): never => {
    throw new InputError(`${first.path} and ${other.path} are not parts of one verification: ${why}`)
  }
  const seen = new Map<number, Results>()
  for (const one of all) {
    const twin = seen.get(one.shard.number)
    if (twin !== undefined)
      throw new InputError(`${twin.path} and ${one.path} are both shard ${shardText(one.shard)}`, {
        remedy: 'Pass the results of each shard once.',
      })
    seen.set(one.shard.number, one)
  }
  const facts = ({ begin }: Results) => ({
    version: begin.tool,
    depth: begin.depth,
    shards: begin.shard?.count ?? 1,
    targets: begin.targets.length,
    selection: JSON.stringify({ ...begin.selection, seed: '' }),
  })
  for (const other of others) {
    for (const [what, value] of Object.entries(facts(first)))
      if (facts(other)[what as keyof ReturnType<typeof facts>] !== value) refuse(other, `they differ in ${what}`)
    for (const { target, identity } of first.targets) {
      const same = other.targets.find((one) => one.target === target)
      const why = same && otherTarget(identity, same.identity)
      if (why !== undefined) refuse(other, `they read different targets: ${why}`)
    }
  }
}
