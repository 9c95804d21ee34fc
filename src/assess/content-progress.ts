import { isReadable } from './judge/content-verdict.ts'
import type { WorkloadJudgement } from './judge/judge.ts'
import type { JudgedImage } from './judge/verdict.ts'

/** How far the reading of content is, in what was expected of each disk, which is not quite what there is to read. */
export class ContentProgress {
  done = 0
  total = 0

  expect(bytes: number): void {
    this.total += bytes
  }

  /** Of one disk: when it is over, all that was expected of it is done. */
  reading(expected: number, tell: () => void): Disposable & { readonly more: (bytes: number) => void } {
    let left = expected
    const more = (bytes: number) => {
      const counted = Math.min(left, bytes)
      left -= counted
      this.done += counted
      tell()
    }
    return { more, [Symbol.dispose]: () => more(left) }
  }
}

/** As much as the images of a chain are long: what of it is in them all, that is. */
export function bytesOf(judged: JudgedImage, { parentOf }: WorkloadJudgement): number {
  if (judged.image === undefined || !isReadable(judged)) return 0
  let bytes = 0
  for (let next: typeof judged.image | undefined = judged.image; next !== undefined; next = parentOf(next))
    bytes += next.image.fileBytes
  return bytes
}
