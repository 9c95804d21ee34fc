import type { OriginNeed } from '../site/site-mounts.ts'
import type { Defect } from './defect.ts'
import type { ImageRole } from './disk-folder.ts'
import type { JudgedChain, State } from './judged-chain.ts'
import type { TreeImage } from './workload-tree.ts'

/** What is said of one image, or of one that should be there. */
export interface ImageVerdict {
  /** The target's index. */
  readonly target: number
  /** From the mount path. */
  readonly path: string
  readonly workloadId: string
  readonly snapshotId: string
  readonly vmId: string
  readonly vm?: string
  readonly resourceId: string
  readonly device: string
  /** A snapshot of a disk is restored from its `disk`; a `base` is what that is read through. */
  readonly role: ImageRole
  readonly isThere: boolean
  readonly state: State
  /** Where and why, if it is broken or unknown. */
  readonly defect?: Defect
  /** How many images it is read through, itself included, as far as they were found. */
  readonly links: number
  readonly needs: readonly OriginNeed[]
  readonly originPaths: readonly string[]
  /** What opens it; `?` where nothing says it. */
  readonly secrets: readonly string[]
  readonly fileBytes?: number
  readonly virtualBytes?: number
  /** Of the content, where all of it was read. */
  readonly digest?: string
}

/** The verdict, and what it was found by. */
export interface JudgedImage {
  readonly verdict: ImageVerdict
  readonly image?: TreeImage
  readonly chain?: JudgedChain
}

export function verdictOf(image: TreeImage, chain: JudgedChain, role: ImageRole): ImageVerdict {
  const { disk, snapshot } = image
  const vm = snapshot.vmNames?.[disk.vmId]
  const header = image.image.header
  return {
    target: image.target,
    path: image.path,
    workloadId: image.workloadId,
    snapshotId: snapshot.snapshotId,
    vmId: disk.vmId,
    ...(vm !== undefined && { vm }),
    resourceId: disk.resourceId,
    device: disk.device,
    role,
    isThere: true,
    state: chain.state,
    ...(chain.defect && { defect: chain.defect }),
    links: chain.length,
    needs: chain.needs,
    originPaths: chain.originPaths,
    secrets: chain.secrets,
    fileBytes: image.image.fileBytes,
    ...(header && { virtualBytes: header.virtualBytes }),
  }
}

export type AbsentImage = Pick<
  ImageVerdict,
  'target' | 'path' | 'workloadId' | 'snapshotId' | 'vmId' | 'resourceId' | 'device' | 'role'
>

/** Of an image that is recorded, and is not there or could not be looked at. */
export function verdictOfAbsent(
  place: AbsentImage,
  vm: string | undefined,
  defect: Pick<Defect, 'code' | 'state' | 'why'>,
): ImageVerdict {
  return {
    ...place,
    ...(vm !== undefined && { vm }),
    isThere: false,
    state: defect.state,
    defect: { ...defect, target: place.target, path: place.path },
    links: 0,
    needs: [],
    originPaths: [],
    secrets: [],
  }
}
