import type { FoundWorkload } from '../scan/found.ts'
import { byName } from './by-name.ts'
import type { State } from './judged-chain.ts'
import { missingImages, type Obstacle, obstacleOf } from './obstacle.ts'
import { ageOf } from './snapshot-age.ts'
import { restoresIn, type SnapshotVerdict } from './snapshot-verdict.ts'
import { type ImageVerdict, needsOriginPath } from './verdict.ts'

export type StateCounts = Readonly<Record<State, number>>

/** A snapshot all of whose disks can be restored. */
export interface NewestSnapshot {
  readonly snapshotId: string
  readonly name?: string
  readonly takenMs?: number
  /** Undefined for a snapshot without a date, or with one in the future. */
  readonly ageMs?: number
}

/** The summary of one workload. */
export interface WorkloadRow {
  readonly workloadId: string
  readonly name?: string
  readonly projectId?: string
  readonly snapshots: number
  /** Distinct disks in all its snapshots. */
  readonly disks: number
  readonly images: number
  readonly longestChain: number
  /** The length of its image files. */
  readonly fileBytes: number
  /** The best that the product offers of it; `broken` if it has no snapshot to restore. */
  readonly state: State
  /** Disks of snapshots that are not deleted, by the verdicts on their restores. */
  readonly states: StateCounts
  /** What its restores fail at. Undefined if no restore fails. */
  readonly obstacle?: Obstacle
  /** The ids of the secrets that open its encrypted images; `unnamedSecret` for one that no record or name states. */
  readonly secrets: readonly string[]
  readonly newestRestorable?: NewestSnapshot
  /** Includes snapshots that are restorable once origin paths exist. */
  readonly newestAfterRecovery?: NewestSnapshot
  /** Includes snapshots that are also restorable once the payloads of their secrets are there. */
  readonly newestWithSecret?: NewestSnapshot
  /** Restores that need an origin path, whatever else they need. */
  readonly needOriginPath: number
  /** True if that one is older than allowed, or missing. Undefined without a limit, or if its age is unknown. */
  readonly isStale?: boolean
}

export function workloadRow(
  workload: FoundWorkload,
  verdicts: readonly ImageVerdict[],
  snapshots: readonly SnapshotVerdict[],
  { nowMs, maxAgeMs }: { readonly nowMs: number; readonly maxAgeMs?: number | undefined },
): WorkloadRow {
  const record = workload.parts.find((part) => part.record !== undefined)?.record
  const there = verdicts.filter(({ isThere }) => isThere)
  const disks = verdicts.filter(({ role }) => role === 'disk')
  const states = { ...noStates }
  const restores = restoresIn(verdicts, snapshots)
  for (const { state } of restores) states[state]++
  const volumes = volumesOf(workload)
  const now = newest(snapshots, ['restorable'], nowMs)
  const later = newest(snapshots, ['restorable', 'after-recovery'], nowMs)
  const withSecret = newest(snapshots, ['restorable', 'after-recovery', 'with-secret'], nowMs)
  const obstacle = obstacleOf(restores, snapshots, missingImages(verdicts), withSecret !== undefined)
  const stale = maxAgeMs === undefined ? undefined : isStale(withSecret, maxAgeMs)
  return {
    workloadId: workload.workloadId,
    ...(record?.name !== undefined && { name: record.name }),
    ...(record?.projectId !== undefined && { projectId: record.projectId }),
    snapshots: snapshots.length,
    disks: new Set(disks.map(({ resourceId, vmId, device }) => volumes.get(resourceId) ?? `${vmId} ${device}`)).size,
    images: there.length,
    longestChain: verdicts.reduce((longest, { links }) => Math.max(longest, links), 0),
    fileBytes: there.reduce((sum, { fileBytes = 0 }) => sum + fileBytes, 0),
    state: now
      ? 'restorable'
      : (later && 'after-recovery') || (withSecret && 'with-secret') || withoutRestorable(workload, snapshots),
    states,
    ...(obstacle && { obstacle }),
    secrets: [...new Set(restores.flatMap(({ secrets }) => secrets))].sort(),
    ...(now && { newestRestorable: now }),
    ...(later && { newestAfterRecovery: later }),
    ...(withSecret && { newestWithSecret: withSecret }),
    needOriginPath: restores.filter(needsOriginPath).length,
    ...(stale !== undefined && { isStale: stale }),
  }
}

/** The volumes of disks of snapshots, by the records: a missing image has nothing else. */
function volumesOf({ parts }: FoundWorkload): ReadonlyMap<string, string> {
  const resources = parts.flatMap(({ snapshots }) => snapshots.flatMap((snapshot) => snapshot.resources ?? []))
  return new Map(
    resources.flatMap(({ resourceId, volumeId }) => (volumeId === undefined ? [] : [[resourceId, volumeId]])),
  )
}

/** `unknown` if there may be a snapshot to restore that could not be judged. */
function withoutRestorable({ parts }: FoundWorkload, snapshots: readonly SnapshotVerdict[]): 'broken' | 'unknown' {
  const mayBe = ({ state, isNotOffered }: SnapshotVerdict) =>
    isNotOffered === undefined ? state === 'unknown' : isNotOffered === 'incomplete records' && state !== 'broken'
  return parts.some(({ unread }) => unread !== undefined) || snapshots.some(mayBe) ? 'unknown' : 'broken'
}

export const noStates = { restorable: 0, 'after-recovery': 0, 'with-secret': 0, broken: 0, unknown: 0 }

function newest(
  snapshots: readonly SnapshotVerdict[],
  states: readonly State[],
  nowMs: number,
): NewestSnapshot | undefined {
  const best = snapshots
    .filter(({ state, isNotOffered }) => states.includes(state) && isNotOffered === undefined)
    .toSorted((a, b) => (b.takenMs ?? -1) - (a.takenMs ?? -1))[0]
  if (best === undefined) return undefined
  const { snapshotId, name, takenMs } = best
  const age = ageOf(takenMs, nowMs)
  return {
    snapshotId,
    ...(name !== undefined && { name }),
    ...(takenMs !== undefined && { takenMs }),
    ...(age !== undefined && { ageMs: age }),
  }
}

/** Undefined if its age is unknown. */
function isStale(newest: NewestSnapshot | undefined, maxAgeMs: number): boolean | undefined {
  if (newest === undefined) return true
  return newest.ageMs === undefined ? undefined : newest.ageMs > maxAgeMs
}

/** The workloads that have least to restore first, among these by name. */
export function worstFirst(a: WorkloadRow, b: WorkloadRow): number {
  return badnessOf(b) - badnessOf(a) || byName(a.name ?? a.workloadId, b.name ?? b.workloadId)
}

/** True if recovery gives a workload a newer snapshot to restore, or its first one. */
export const improves = ({ newestRestorable: now, newestAfterRecovery: later }: WorkloadRow): boolean =>
  later !== undefined && later.snapshotId !== now?.snapshotId

/** True if a secret gives a workload a newer snapshot to restore, or its first one. */
export const needsSecret = ({ newestAfterRecovery: without, newestWithSecret: withIt }: WorkloadRow): boolean =>
  withIt !== undefined && withIt.snapshotId !== without?.snapshotId

/** True if something of a workload cannot be restored, is uncertain, or is too old. */
export const needsAttention = (row: WorkloadRow): boolean => badnessOf(row) > 0

function badnessOf({ state, states, isStale }: WorkloadRow): number {
  if (state === 'broken') return 5
  if (state === 'unknown') return 4
  if (isStale) return 3
  if (states.broken > 0) return 2
  return states.unknown > 0 ? 1 : 0
}
