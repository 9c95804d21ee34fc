/** Something that is wrong with a pack. */
export interface PackProblem {
  readonly kind:
    | 'altered'
    | 'missing'
    | 'unexpected'
    | 'not signed'
    | 'bad signature'
    | 'not timestamped'
    | 'bad timestamp'
    | 'contradiction'
    | 'other bytes'
  /** The file that it is about. */
  readonly path: string
  readonly sentence: string
}

/** Reports a problem. */
export type ReportProblem = (kind: PackProblem['kind'], path: string, sentence: string) => void
