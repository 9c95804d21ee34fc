import type { ImageVerdict } from '../assess/verdict.ts'

/** The line about an image in NDJSON: its target by path. */
export function imageRecord(verdict: ImageVerdict, targets: readonly string[]): object {
  const { target, needs, fault, ...rest } = verdict
  return {
    kind: 'image',
    target: targets[target],
    ...rest,
    needs: needs.map((need) => ({ originPath: need.originPath, target: targets[need.target] })),
    ...(fault && { fault: { ...fault, target: targets[fault.target] } }),
  }
}
