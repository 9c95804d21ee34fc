import { hostname } from 'node:os'
import { resolve } from 'node:path'
import type { AssessmentSummary } from '../assess/judge/assessment-summary.ts'
import type { ImageVerdict } from '../assess/judge/verdict.ts'
import { shardNumberOf } from '../assess/scan/selected-vm.ts'
import { openContentReader } from '../content/open-reader.ts'
import { type Shard, shardText } from '../input/shard.ts'
import { invocation } from '../localhost/invocation.ts'
import { secretFilesIn } from '../localhost/secret-folder.ts'
import { assessmentMetrics } from '../metrics/assessment-metrics.ts'
import { ownVersion } from '../project/package.ts'
import { interruptible } from '../run/interrupts.ts'
import { quoteWord } from '../shell/quote.ts'
import { counted } from '../text/plural.ts'
import { printable, printableJson } from '../text/printable.ts'
import { RateLine } from '../text/rate-line.ts'
import { closing, styleOf } from '../text/style.ts'
import { ResultsFile } from '../verify/results-file.ts'
import type { TimeWindow } from '../verify/time-window.ts'
import { type VerificationRequest, verifyContent } from '../verify/verify-content.ts'
import { assessmentListener, type OutputOptions, printOut, printSummary, progressOn } from './assessment-output.ts'
import { openMonitoring, publishResult } from './metrics-option.ts'
import { pacedReader, waitForWindow } from './reading-limits.ts'

export interface VerificationOptions
  extends Omit<VerificationRequest, 'nowMs' | 'readContent' | 'results' | 'untilOpen' | 'tool' | 'host'>,
    OutputOptions {
  readonly resultsPath?: string
  /** A folder of secrets. */
  readonly secrets?: string
  /** The file of metrics. */
  readonly metrics?: string
  readonly maxBytesPerSecond?: number
  readonly between?: TimeWindow
}

/** Verifies targets, prints the result, and sets the exit code. */
export async function runVerification(options: VerificationOptions): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  const { resultsPath, secrets, metrics, maxBytesPerSecond, between, isAll, isJson, ...request } = options
  const { shard } = request
  const monitoring = openMonitoring(metrics)
  await using results = resultsPath === undefined ? undefined : await ResultsFile.open(resultsPath)
  const secretsFolder = secrets === undefined ? undefined : resolve(secrets)
  const reader = await openContentReader({
    stallMs: request.answerWithinMs,
    ...(secretsFolder !== undefined && { secretsFolder }),
  })
  using line = new RateLine(process.stderr, 'workloads measured')
  const counts = new ShardCounts()
  const summary = await verifyContent(
    {
      ...request,
      nowMs: Date.now(),
      tool: ownVersion(),
      host: hostname(),
      readContent: pacedReader(reader, maxBytesPerSecond),
      ...(secretsFolder !== undefined && { secretIds: [...secretFilesIn(secretsFolder).keys()] }),
      ...(results && { results }),
      ...(between && { untilOpen: (until: AbortSignal) => waitForWindow(between, (text) => line.print(text), until) }),
    },
    shard === undefined
      ? assessmentListener(line, isJson, signal)
      : { ...progressOn(line), onImage: (record) => counts.add(record as ImageVerdict, shard) },
    signal,
  )
  line.end()
  if (shard === undefined || results === undefined) {
    await printSummary(summary, { isAll, isJson }, signal)
    const gauges = () => assessmentMetrics(summary)
    process.exitCode = await publishResult(monitoring, { gauges, exitCode: summary.exitCode })
    return
  }
  const result = counts.result(summary, shard, results.path)
  process.exitCode = result.exitCode
  await printOut(isJson ? `${printableJson(result)}\n` : textOf(result), signal)
}

interface ShardResult {
  readonly kind: 'shard'
  readonly shard: string
  readonly results: string
  readonly disks: { readonly total: number; readonly read: number; readonly broken: number; readonly unknown: number }
  /** Why it is incomplete. Empty if it is complete. */
  readonly unseen: readonly string[]
  readonly exitCode: 0 | 1 | 3
}

/** Counts the disks of a shard. Those of other VMs are in its assessment as missing ones. */
class ShardCounts {
  #total = 0
  #read = 0
  #broken = 0
  #unknown = 0

  add({ role, workloadId, vmId, state, digest }: ImageVerdict, { number, count }: Shard): undefined {
    if (role !== 'disk' || shardNumberOf(workloadId, vmId, count) !== number) return
    this.#total++
    if (digest !== undefined) this.#read++
    if (state === 'broken') this.#broken++
    if (state === 'unknown') this.#unknown++
  }

  result({ unseen }: AssessmentSummary, shard: Shard, results: string): ShardResult {
    const [total, read, broken, unknown] = [this.#total, this.#read, this.#broken, this.#unknown]
    const incomplete = unknown > 0 || unseen.length > 0 ? 3 : 0
    return {
      kind: 'shard',
      shard: shardText(shard),
      results,
      disks: { total, read, broken, unknown },
      unseen,
      exitCode: broken > 0 ? 1 : incomplete,
    }
  }
}

const marks = { 0: 'passed', 1: 'failed', 3: 'unknown' } as const

function textOf({ shard, results, disks, unseen, exitCode }: ShardResult): string {
  const facts = [
    `Shard ${shard}: ${disks.read} of ${counted(disks.total, 'disk')} were read`,
    disks.broken > 0 ? `${counted(disks.broken, 'disk is', 'disks are')} broken` : '',
    disks.unknown > 0 ? `${counted(disks.unknown, 'disk is', 'disks are')} unknown` : '',
    ...unseen.map((why) => printable(why)),
  ].filter((fact) => fact !== '')
  const next = `${invocation} merge ${printable(quoteWord(results))} …   (with the results of all shards)`
  return `${closing(styleOf(process.stdout), marks[exitCode], `${facts.join('; ')}.`, [next]).join('\n')}\n`
}
