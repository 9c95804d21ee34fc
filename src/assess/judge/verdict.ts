import type { OriginNeed } from '../site/site-mounts.ts'
import type { Defect } from './defect.ts'
import type { ImageRole } from './disk-folder.ts'
import { type JudgedChain, type State, unnamedSecret } from './judged-chain.ts'
import type { Depth } from './past-image.ts'
import type { TreeImage } from './workload-tree.ts'

/** The verdict on one image, or on one that should exist. */
export interface ImageVerdict {
  /** The target's index. */
  readonly target: number
  /** Below the mount path. */
  readonly path: string
  readonly workloadId: string
  readonly snapshotId: string
  readonly vmId: string
  readonly vm?: string
  readonly resourceId: string
  readonly device: string
  /** A restore reads the `disk`, which may read through a `base`. */
  readonly role: ImageRole
  readonly isThere: boolean
  readonly state: State
  /** Undefined unless it is broken or unknown. */
  readonly defect?: Defect
  /** How many images were found that it reads through, itself included. */
  readonly links: number
  readonly needs: readonly OriginNeed[]
  readonly originPaths: readonly string[]
  /** The ids of the secrets that open it; `unnamedSecret` for one that no record or name states. */
  readonly secrets: readonly string[]
  readonly fileBytes?: number
  readonly virtualBytes?: number
  /** The digest of its content. Undefined unless all of it was read. */
  readonly digest?: string
  /** The depth that the verdict rests on. Undefined if it is that of the scan. */
  readonly depth?: Depth
  /** When that was, in ISO 8601. Undefined if it is now. */
  readonly date?: string
  /** An earlier reading of its content. */
  readonly readBefore?: ReadBefore
}

/** True for a sound image that needs an origin path, whatever else it needs. */
export const needsOriginPath = ({ state, needs }: Pick<ImageVerdict, 'state' | 'needs'>): boolean =>
  (state === 'after-recovery' || state === 'with-secret') && needs.length > 0

/** The content of a disk in the record of earlier assessments. */
export interface ReadBefore {
  readonly date: string
  readonly digest: string
  /** True if length, time and beginning of all files of its chain are the same as then. Undefined if that is unknown. */
  readonly isSameFiles?: boolean
}

/** A verdict, with what it rests on. */
export interface JudgedImage {
  readonly verdict: ImageVerdict
  readonly image?: TreeImage
  readonly chain?: JudgedChain
}

export function verdictOf(image: TreeImage, chain: JudgedChain, role: ImageRole): ImageVerdict {
  const { disk, snapshot } = image
  const vm = snapshot.vmNames?.[disk.vmId]
  const header = image.image.header
  const defect = chain.defect ?? unnamed(image, chain)
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
    state: defect?.state ?? chain.state,
    ...(defect && { defect }),
    links: chain.length,
    needs: chain.needs,
    originPaths: chain.originPaths,
    secrets: chain.secrets,
    fileBytes: image.image.fileBytes,
    ...(header && { virtualBytes: header.virtualBytes }),
  }
}

/** Not a defect of the links above it: the name that a child gives its parent may state the secret. */
function unnamed({ target, path }: TreeImage, { secrets }: JudgedChain): Defect | undefined {
  if (!secrets.includes(unnamedSecret)) return undefined
  const why = 'it is encrypted, but no record or name states which secret opens it'
  return { code: 'secret-not-named', state: 'unknown', why, target, path }
}

export type AbsentImage = Pick<
  ImageVerdict,
  'target' | 'path' | 'workloadId' | 'snapshotId' | 'vmId' | 'resourceId' | 'device' | 'role'
>

/** The verdict on an image that is recorded, but is missing or could not be read. */
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
