/** Every cause that `derive` can prove, and `unknown` for the rest. */
export const reasonKinds = [
  'origin path missing',
  'origin path empty',
  'parent missing',
  'image missing',
  'permission denied',
  'not qcow2',
  'unsafe image',
  'cycle',
  'wrong content',
  'not answering',
  'unknown',
] as const

/**
 * Why a restore failed. Derived in one place (`derive`) from evidence. `unknown` if the evidence proves no other kind:
 * standard error alone proves nothing.
 */
export type ReasonKind = (typeof reasonKinds)[number]

export interface Reason {
  readonly kind: ReasonKind
  /** The node where it failed. */
  readonly node: string
  /** The path that the reason is about: the origin path, the parent's path … */
  readonly path?: string
  /** One sentence for a person. */
  readonly sentence: string
}
