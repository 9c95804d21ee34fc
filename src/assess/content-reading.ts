import { eachOf } from '../concurrency/each-of.ts'
import { ContentProgress } from './content-progress.ts'
import type { ContentLink, ContentResult, ReadContent } from './judge/content-port.ts'
import { isReadable, linksOf, withContent } from './judge/content-verdict.ts'
import type { WorkloadJudgment } from './judge/judge-workload.ts'
import type { JudgedImage, ReadBefore } from './judge/verdict.ts'
import type { TreeImage } from './judge/workload-tree.ts'
import type { Unanswered } from './unanswered.ts'

export interface ContentReadingOptions {
  readonly readContent: ReadContent
  /** Absolute, by index. */
  readonly targets: readonly string[]
  readonly concurrency: number
  readonly signal: AbortSignal
  readonly unanswered: Unanswered
  readonly onContent?: (bytes: number, total: number) => void
  /** The disks to read, by the paths of their images. Undefined for all. */
  readonly isSelected?: (path: string) => boolean
}

/** Disks whose content is read at the same time: each has a process, and several requests under way. */
const maxReadAtOnce = 4

/** Reads the content of judged disks, and changes their verdicts by what it finds. */
export class ContentReading {
  readonly #options: ContentReadingOptions
  readonly #progress: ContentProgress
  /** Targets whose shares stopped answering. */
  readonly #silent = new Set<number>()

  constructor(options: ContentReadingOptions) {
    this.#options = options
    this.#progress = new ContentProgress(options.onContent)
  }

  /** Adds the disks of a workload to what will be read. */
  expect(workloadId: string, judgment: WorkloadJudgment): void {
    const bytes = judgment.images.map((judged) => this.#bytesOf(judged, judgment))
    this.#progress.expect(
      workloadId,
      bytes.reduce((sum, one) => sum + one, 0),
    )
  }

  /**
   * The images of a workload with the verdicts that their content gives.
   * @param readBefore the earlier content of a disk, to compare it with
   */
  async read(
    workloadId: string,
    judgment: WorkloadJudgment,
    readBefore: (image: TreeImage) => ReadBefore | undefined = () => undefined,
  ): Promise<readonly JudgedImage[]> {
    const { targets, concurrency } = this.#options
    const images = [...judgment.images]
    const bytes = images.map((judged) => this.#bytesOf(judged, judgment))
    using reading = this.#progress.reading(workloadId, bytes)
    await eachOf(images, Math.min(concurrency, maxReadAtOnce), async (judged, index) => {
      if (judged.image === undefined || !this.#isToRead(judged)) return
      const links = linksOf(judged.image, judgment.parentOf, targets)
      const onProgress = (more: number) => reading.read(index, more)
      const result = await this.#readDisk(judged.verdict.target, links, onProgress)
      images[index] = withContent(judged, result, readBefore(judged.image))
      reading.finish(index)
    })
    return images
  }

  /** A share that stopped answering is not read again for each of its disks: that would take hours. */
  async #readDisk(
    target: number,
    links: readonly ContentLink[],
    onProgress: (bytes: number) => void,
  ): Promise<ContentResult> {
    const { readContent, targets, signal, unanswered } = this.#options
    if (this.#silent.has(target))
      return { kind: 'unknown', reason: 'not answering', why: 'its share stopped answering before' }
    const result = await readContent(links, { signal, onProgress })
    if (result.kind === 'read' || result.reason !== 'not answering' || this.#silent.has(target)) return result
    this.#silent.add(target)
    unanswered.add(targets[target] ?? '?', `no answer while content was read: ${result.why}`)
    return result
  }

  #isToRead(judged: JudgedImage): boolean {
    return isReadable(judged) && (this.#options.isSelected?.(judged.verdict.path) ?? true)
  }

  /** The length of all images of a chain. A full image is counted for each disk that reads through it. */
  #bytesOf(judged: JudgedImage, { parentOf }: WorkloadJudgment): number {
    if (!this.#isToRead(judged)) return 0
    let bytes = 0
    for (let next = judged.image; next !== undefined; next = parentOf(next)) bytes += next.image.fileBytes
    return bytes
  }
}
