import type { ScanEvent } from '../assess/scan/scan.ts'
import { InputError } from '../errors.ts'
import { shardText } from '../input/shard.ts'
import type { DiskReading } from './disk-reading.ts'
import type { ResultsFile } from './results-file.ts'
import type { BeginLine } from './results-line.ts'
import { otherTarget } from './same-target.ts'

/** Writes what a verification finds to its file. */
export class ResultsRecorder {
  readonly #file: ResultsFile
  readonly #begin: BeginLine
  #hasBegun = false

  /** @throws InputError if the file holds results of another part of a target */
  constructor(file: ResultsFile, begin: BeginLine) {
    this.#file = file
    this.#begin = begin
    const earlier = file.earlier?.begin
    if (earlier !== undefined && partOf(earlier) !== partOf(begin))
      throw new InputError(`--results: ${file.path} holds ${partOf(earlier)}, not ${partOf(begin)}`, {
        remedy: 'Pass another file.',
      })
  }

  /** @throws InputError if the file holds results of another target */
  check({ target, path, identity }: Extract<ScanEvent, { kind: 'target' }>): void {
    const { earlier } = this.#file
    if (earlier === undefined) return
    const then = earlier.targets.find((one) => one.target === target)
    if (then === undefined) return
    const why = otherTarget(then.identity, identity)
    if (why !== undefined)
      throw new InputError(`--results: ${this.#file.path} holds results of another target than ${path}: ${why}`, {
        remedy: 'Pass another file, or mount the same share.',
      })
  }

  keep(event: ScanEvent): void {
    if (event.kind === 'read' || event.kind === 'skipped') return
    if (!this.#hasBegun) this.#file.begin(this.#begin)
    this.#hasBegun = true
    this.#file.append(event)
  }

  keepReadings(readings: readonly DiskReading[]): void {
    for (const reading of readings) this.#file.append({ kind: 'reading', ...reading })
  }
}

const partOf = ({ shard, targets }: BeginLine): string => {
  const of = `${targets.length === 1 ? 'one target' : `${targets.length} targets`}`
  return shard === undefined ? `results of ${of}` : `results of shard ${shardText(shard)} of ${of}`
}
