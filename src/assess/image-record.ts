import type { ImageVerdict } from './judge/verdict.ts'

/** The NDJSON record of an image, with its target as a path. */
export function imageRecord(verdict: ImageVerdict, targets: readonly string[]): object {
  const { target, needs, defect, ...rest } = verdict
  return {
    kind: 'image',
    target: targets[target],
    ...rest,
    needs: needs.map((need) => ({ originPath: need.originPath, target: targets[need.target] })),
    ...(defect && { defect: { ...defect, target: targets[defect.target] } }),
  }
}
