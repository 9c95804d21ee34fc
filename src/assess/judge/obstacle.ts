import type { Defect } from './defect.ts'
import type { NotOffered, SnapshotVerdict } from './snapshot-verdict.ts'
import type { FindingCode } from './target-finding.ts'
import type { ImageVerdict } from './verdict.ts'

/** The cause of failed or unknown restores of a workload. */
export interface Obstacle {
  readonly why: FindingCode | NotOffered | 'no snapshots'
  /** How many restores it affects. */
  readonly restores: number
  /** The disk on which it was found. Undefined if it is not about one disk. */
  readonly vm?: string
  readonly disk?: string
}

/** Where a defect of a chain begins. */
export type RootCause = Pick<Defect, 'code' | 'target' | 'path'>

/** Images that are recorded and missing, by their paths. */
export function missingImages(verdicts: readonly ImageVerdict[]): ReadonlySet<string> {
  return new Set(verdicts.flatMap(({ path, defect }) => (defect?.code === 'incomplete-replica' ? [path] : [])))
}

/** The defect itself; but a missing parent is the same defect as the missing image that it should be. */
export function rootCauseOf({ code, target, path, parentPath }: Defect, missing: ReadonlySet<string>): RootCause {
  return code === 'missing-parent' && parentPath !== undefined && missing.has(parentPath)
    ? { code: 'incomplete-replica', target, path: parentPath }
    : { code, target, path }
}

/**
 * The cause that most restores of a workload fail at; if no snapshot is restorable, the one of the newest snapshot.
 * Undefined if no restore fails.
 * @param restores of the workload
 */
export function obstacleOf(
  restores: readonly ImageVerdict[],
  snapshots: readonly SnapshotVerdict[],
  missing: ReadonlySet<string>,
  hasRestorable: boolean,
): Obstacle | undefined {
  if (hasRestorable) return commonest(restores, restores, missing)
  const byAge = snapshots.toSorted((a, b) => (b.takenMs ?? -1) - (a.takenMs ?? -1))
  const newest = byAge.find(({ isNotOffered }) => isNotOffered !== 'deleted') ?? byAge[0]
  if (newest === undefined) return { why: 'no snapshots', restores: 0 }
  const ofNewest = restores.filter(({ snapshotId }) => snapshotId === newest.snapshotId)
  if (newest.isNotOffered !== undefined) return { why: newest.isNotOffered, restores: ofNewest.length }
  return commonest(ofNewest, restores, missing)
}

/** The cause that affects most of `all` restores, of those that affect `some`. */
function commonest(
  some: readonly ImageVerdict[],
  all: readonly ImageVerdict[],
  missing: ReadonlySet<string>,
): Obstacle | undefined {
  const causeOf = ({ defect }: ImageVerdict): string => {
    if (defect === undefined) return ''
    const { code, target, path } = rootCauseOf(defect, missing)
    return `${code} ${target} ${path}`
  }
  const affected = Map.groupBy(all, causeOf)
  const [[one, ...others] = []] = [...new Set(some.map(causeOf))]
    .flatMap((cause) => (cause === '' ? [] : [affected.get(cause) ?? []]))
    .toSorted((a, b) => b.length - a.length)
  if (one?.defect === undefined) return undefined
  const { code } = rootCauseOf(one.defect, missing)
  return { why: code, restores: 1 + others.length, vm: one.vm ?? one.vmId, disk: one.device }
}
