/** Every cause that `derive` and `judgeFiles` can prove, and `unknown` for the rest. */
export const reasonKinds = [
  'origin path missing',
  'origin path empty',
  'origin path not a directory',
  'parent missing',
  'image missing',
  'another target',
  'not visible yet',
  'permission denied',
  'denied by policy',
  'locked',
  'not qcow2',
  'unsafe image',
  'cycle',
  'wrong content',
  'stale handle',
  'not connected',
  'not answering',
  'unknown',
] as const

/**
 * Why a restore failed, or a path does not lead to its images. Derived in one place (this room) from evidence. `unknown`
 * if the evidence proves no other kind: standard error alone proves nothing.
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
