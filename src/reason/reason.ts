/**
 * Why a restore failed. Derived in one place (`derive`) from evidence; `unknown` when the evidence proves none
 * of the others: standard error alone proves nothing.
 */
export type ReasonKind =
  | 'origin path missing'
  | 'origin path empty'
  | 'parent missing'
  | 'image missing'
  | 'permission denied'
  | 'not qcow2'
  | 'wrong content'
  | 'not answering'
  | 'unknown'

export interface Reason {
  readonly kind: ReasonKind
  /** The node where it failed. */
  readonly node: string
  /** The path it hinges on: the origin path, the parent's path … */
  readonly path?: string
  /** One sentence for a person. */
  readonly sentence: string
}
