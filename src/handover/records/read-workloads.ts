import { scanTargets } from '../../assess/scan/scan.ts'
import { type OwnedWorkload, ownedWorkload } from '../owned-workload.ts'

export interface OwnerScan {
  /** Absolute paths. */
  readonly targets: readonly string[]
  /** A target is given up after waiting this long for an answer. */
  readonly answerWithinMs: number
  readonly onProgress?: (done: number, total: number) => void
}

/** The workloads on some targets, and what of the targets could not be read. */
export interface ReadWorkloads {
  readonly workloads: readonly OwnedWorkload[]
  readonly unseen: readonly string[]
}

const concurrency = 16

/** Reads the records that name owners, and opens nothing else. @throws the signal's reason */
export async function readWorkloads(
  { targets, answerWithinMs, onProgress }: OwnerScan,
  signal: AbortSignal,
): Promise<ReadWorkloads> {
  const workloads: OwnedWorkload[] = []
  const unseen: string[] = []
  const known = new Set<string>()
  const nameOf = (target: number) => targets[target] ?? '?'
  for await (const event of scanTargets({ targets, depth: 'owners', concurrency, answerWithinMs }, signal)) {
    if (event.kind === 'target') {
      for (const id of event.workloadIds) known.add(id)
      // A folder that is named like a workload, and is not read, may be one.
      for (const { kind, path, message } of event.oddities)
        if (kind === 'unreadable' || (kind === 'symbolic-link' && path.startsWith('workload_')))
          unseen.push(`${nameOf(event.target)}/${path}: ${message ?? 'not followed'}`)
    } else if (event.kind === 'no-target') unseen.push(`${nameOf(event.target)}: ${event.message}`)
    else if (event.kind === 'silent')
      unseen.push(
        `${nameOf(event.target)}: no answer for ${Math.round(event.afterMs / 1000)} s, at ${event.folder || 'its root'}`,
      )
    else if (event.kind === 'workload') {
      workloads.push(ownedWorkload(event.workload))
      for (const part of event.workload.parts)
        for (const { kind, path, message } of part.oddities)
          if (kind === 'unreadable') unseen.push(`${nameOf(part.target)}/${path}: ${message ?? kind}`)
      onProgress?.(workloads.length, known.size)
    }
  }
  return { workloads, unseen }
}
