/** What an image's tables prove about its content. */
export interface TableVerdict {
  /**
   * - `sound`: the tables agree with each other, and all they refer to is in the file
   * - `minor`: something is irregular that reading does not depend on
   * - `unknown`: the file ends within something that is in use; only its content can show whether any of it is missing
   * - `suspect`: the tables contradict each other, so that the content may be wrong although QEMU reads it
   * - `truncated`: something is at or beyond the end of the file
   * - `damaged`: QEMU cannot read the disk by these tables, or reads something else in place of its content
   */
  readonly verdict: 'sound' | 'minor' | 'unknown' | 'suspect' | 'truncated' | 'damaged'
  /** The table or cluster that is not whole: 'the L1 table', 'an L2 table', 'a cluster' … */
  readonly what?: string
  /** The first place in the file that proves the verdict. */
  readonly offset?: number
  /** The place in the disk. */
  readonly guestOffset?: number
  /** The sentence for people. Undefined where `what` and the verdict are enough. */
  readonly why?: string
  /** True if the image holds no content of its own. */
  readonly isBlank?: true
}

/** A place that is compared with the length of the file. */
export interface TablePlace {
  readonly what: string
  readonly offset: number
  readonly guestOffset?: number
}

const ranks = { sound: 0, minor: 1, unknown: 2, suspect: 3, truncated: 4, damaged: 4 } as const

/** Judges what is in the file from `place` to `end` (exclusive). At or beyond the file's end nothing of it exists. */
export function judgePlace(place: TablePlace, end: number, fileBytes: number): TableVerdict | undefined {
  if (place.offset >= fileBytes) return { verdict: 'truncated', ...place }
  return end > fileBytes ? { verdict: 'unknown', ...place } : undefined
}

/** The worse of two verdicts; the first of equal ones. */
export function worse(one: TableVerdict | undefined, other: TableVerdict | undefined): TableVerdict | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return ranks[other.verdict] > ranks[one.verdict] ? other : one
}

/** True if nothing that is still to be checked could be worse. */
export function isFinal(finding: TableVerdict | undefined): boolean {
  return finding !== undefined && ranks[finding.verdict] === ranks.damaged
}
