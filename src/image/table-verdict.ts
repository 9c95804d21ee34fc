/** Whether everything that the tables of an image refer to is in its file. */
export interface TableVerdict {
  /**
   * - `sound`: everything is in the file
   * - `truncated`: something lies at or beyond the end of the file
   * - `unknown`: the file ends within something in use; only its content reveals whether a part is missing
   * - `damaged`: QEMU could not read the tables
   */
  readonly verdict: 'sound' | 'truncated' | 'unknown' | 'damaged'
  /** The incomplete part: `the L1 table`, `an L2 table`, `a cluster` … */
  readonly what?: string
  /** Its offset in the file: the first one that proves the verdict. */
  readonly offset?: number
  /** Its offset in the disk. */
  readonly guestOffset?: number
}

/** A part of an image that is compared with the length of the file. */
export interface TablePlace {
  readonly what: string
  readonly offset: number
  readonly guestOffset?: number
}

/** Judges a part of the file from `place` to `end` (exclusive). */
export function judgePlace(place: TablePlace, end: number, fileBytes: number): TableVerdict | undefined {
  if (place.offset >= fileBytes) return { verdict: 'truncated', ...place }
  return end > fileBytes ? { verdict: 'unknown', ...place } : undefined
}

/** The worse of two verdicts; the first of equal ones. */
export function worse(one: TableVerdict | undefined, other: TableVerdict | undefined): TableVerdict | undefined {
  return one === undefined || (one.verdict === 'unknown' && other !== undefined && other.verdict !== 'unknown')
    ? other
    : one
}
