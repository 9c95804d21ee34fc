/** Whether everything that an image's tables refer to is in its file. */
export interface TableVerdict {
  /**
   * - `sound`: all is there
   * - `truncated`: something is at or beyond the end of the file
   * - `unknown`: the file ends within something that is in use; only its content can tell whether any of it is missing
   * - `damaged`: the tables are not what QEMU could read
   */
  readonly verdict: 'sound' | 'truncated' | 'unknown' | 'damaged'
  /** What is not whole: 'the L1 table', 'an L2 table', 'a cluster' … */
  readonly what?: string
  /** Where in the file that is: the first place that is seen to prove the verdict. */
  readonly offset?: number
  /** Where in the disk it would be. */
  readonly guestOffset?: number
}

/** What is held against the length of the file. */
export interface TablePlace {
  readonly what: string
  readonly offset: number
  readonly guestOffset?: number
}

/** What lies in the file from `place` to `end` (not included); at or beyond the file's end nothing of it can be there. */
export function judgePlace(place: TablePlace, end: number, fileBytes: number): TableVerdict | undefined {
  if (place.offset >= fileBytes) return { verdict: 'truncated', ...place }
  return end > fileBytes ? { verdict: 'unknown', ...place } : undefined
}

/** The worse one of two; of two alike, the first. */
export function worse(one: TableVerdict | undefined, other: TableVerdict | undefined): TableVerdict | undefined {
  return one === undefined || (one.verdict === 'unknown' && other !== undefined && other.verdict !== 'unknown')
    ? other
    : one
}
