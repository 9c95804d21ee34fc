import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createTarget } from '../../generate/create.ts'
import { readShape } from '../../generate/read-shape.ts'
import type { FoundDisk, FoundPart, FoundSnapshot, FoundWorkload } from './found.ts'
import { type ScanEvent, type ScanRequest, scanTargets } from './scan.ts'

/** All events of a scan. */
export interface Collected {
  readonly events: readonly ScanEvent[]
  readonly workloads: readonly FoundWorkload[]
}

export async function collect(
  targets: readonly string[],
  options: Partial<ScanRequest> = {},
  signal = new AbortController().signal,
): Promise<Collected> {
  const request: ScanRequest = { targets, depth: 'headers', concurrency: 8, answerWithinMs: 20_000, ...options }
  const events: ScanEvent[] = []
  for await (const event of scanTargets(request, signal)) events.push(event)
  return { events, workloads: events.flatMap((event) => (event.kind === 'workload' ? [event.workload] : [])) }
}

/** A folder for targets, removed after the file's tests. */
export function scratchFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `scan-${name}-`))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Creates a target of a shape, without data. */
export async function makeTarget(directory: string, shape: Readonly<Record<string, unknown>> = {}) {
  return createTarget({ directory, shape: readShape(undefined, { ...shape }) })
}

export const partsOf = ({ workloads }: Collected): readonly FoundPart[] => workloads.flatMap(({ parts }) => parts)

export const snapshotsOf = (found: Collected): readonly FoundSnapshot[] =>
  partsOf(found).flatMap(({ snapshots }) => snapshots)

export const disksOf = (found: Collected): readonly FoundDisk[] => snapshotsOf(found).flatMap(({ disks }) => disks)

export const imagesOf = (found: Collected) => disksOf(found).flatMap(({ images }) => images)

export const oddities = (found: Collected) => [
  ...found.events.flatMap((event) => (event.kind === 'target' ? event.oddities : [])),
  ...partsOf(found).flatMap((part) => [...part.oddities, ...part.snapshots.flatMap((one) => one.oddities)]),
]

export const problems = (found: Collected) => [
  ...found.events.flatMap((event) => (event.kind === 'target' ? event.problems : [])),
  ...partsOf(found).flatMap((part) => [...part.problems, ...part.snapshots.flatMap((one) => one.problems)]),
]
