import type { Depth } from './judge/past-image.ts'
import type { ImageVerdict } from './judge/verdict.ts'

/**
 * The NDJSON record of an image, with its target as a path.
 * @param basis depth and date for a verdict without its own
 */
export function imageRecord(
  verdict: ImageVerdict,
  targets: readonly string[],
  basis: { readonly depth: Depth; readonly date: string },
): object {
  const { target, needs, defect, ...rest } = verdict
  return {
    kind: 'image',
    target: targets[target],
    ...basis,
    ...rest,
    needs: needs.map((need) => ({ originPath: need.originPath, target: targets[need.target] })),
    ...(defect && { defect: { ...defect, target: targets[defect.target] } }),
  }
}
