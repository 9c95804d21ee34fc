import { type AssessmentListener, type AssessmentRequest, assess } from '../assess/assess.ts'
import type { AssessmentSummary } from '../assess/judge/assessment-summary.ts'
import type { ReadContent } from '../assess/judge/content-port.ts'
import { refuseInside } from '../assess/past/refuse-inside.ts'
import { type Scan, type ScanRequest, scanTargets } from '../assess/scan/scan.ts'
import { chainKeyOf } from './disk-reading.ts'
import { type DiskSelection, SelectedDisks } from './disk-selection.ts'
import { Readings } from './readings.ts'
import type { ResultsFile } from './results-file.ts'
import { beginOf } from './results-line.ts'
import { ResultsRecorder } from './results-recorder.ts'

export interface VerificationRequest
  extends Omit<AssessmentRequest, 'past' | 'depth' | 'scan' | 'isIdentifying' | 'isContentSelected'> {
  readonly depth: 'tables' | 'content'
  readonly readContent: ReadContent
  readonly selection: DiskSelection
  /** Readings that are older are not used again. */
  readonly reverifyAfterMs: number
  /** Undefined to keep nothing. */
  readonly results?: ResultsFile
  /** Settles when content may be read. */
  readonly untilOpen?: (signal: AbortSignal) => Promise<void>
  /** The version of dr-drill. */
  readonly tool: string
  readonly host: string
}

/**
 * Reads the content of targets to the last byte, and judges them. A disk that was read before is not read again while
 * no file of its chain has changed.
 * @throws InputError if the results are those of another target, or of another shard; what `assess` throws
 */
export async function verifyContent(
  { readContent, selection, reverifyAfterMs, results, untilOpen, tool, host, ...request }: VerificationRequest,
  listener: AssessmentListener,
  signal: AbortSignal,
): Promise<AssessmentSummary> {
  const { nowMs, targets, shard, depth } = request
  const readings = results?.readings ?? new Readings()
  // A verification that was interrupted goes on with the same sample.
  const { seed } = results?.earlier?.isEnded === false ? results.earlier.begin.selection : selection
  const begin = beginOf({
    date: new Date(nowMs).toISOString(),
    tool,
    host,
    depth,
    targets: [...targets],
    selection: { ...selection, seed },
    ...(shard && { shard }),
  })
  const selected = new SelectedDisks({ ...selection, seed })
  const recorder = results && new ResultsRecorder(results, begin)
  const since = new Date(nowMs - reverifyAfterMs).toISOString()

  async function* scan(asked: ScanRequest, until: AbortSignal): ReturnType<Scan> {
    // Neither the first look at the headers, nor a second look at a few workloads.
    const isWhole = asked.depth === 'tables' && asked.workloadIds === undefined
    for await (const event of scanTargets(asked, until)) {
      if (event.kind === 'target' && results !== undefined) {
        refuseInside(results.path, [event.path], '--results')
        recorder?.check(event)
      }
      if (event.kind === 'workload') selected.add(event.workload)
      if (isWhole) recorder?.keep(event)
      yield event
    }
  }

  const readOnce: ReadContent = async (links, options) => {
    const key = chainKeyOf(links)
    if (key === undefined) return await readContent(links, options)
    if (!readings.isSettled(key, since, tool)) {
      await untilOpen?.(options.signal)
      const result = await readContent(links, options)
      const path = links[0]?.file?.path ?? ''
      readings.add({ key, path, date: new Date().toISOString(), tool, host, result })
    }
    recorder?.keepReadings(readings.of(key))
    return readings.resultOf(key) ?? { kind: 'unknown', why: 'it was not read' }
  }

  const summary = await assess(
    {
      ...request,
      isIdentifying: true,
      scan,
      readContent: readOnce,
      isContentSelected: (path) => selected.has(path),
    },
    listener,
    signal,
  )
  results?.end(new Date().toISOString())
  return summary
}
