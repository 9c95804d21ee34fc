import { holdsFolderName } from '../../target/foreign-name.ts'
import { idInFolder } from '../../target/layout.ts'
import { type OriginNeed, type SiteMounts, shownAt } from '../site/site-mounts.ts'
import type { Defect } from './defect.ts'
import type { ParentName } from './parent-name.ts'
import type { TreeImage, WorkloadTree } from './workload-tree.ts'

type PlaceDefect = Pick<Defect, 'code' | 'state' | 'why' | 'parentPath'>

/** A parent as it was found in the tree, or why it was not. */
export type JudgedParent =
  | {
      readonly kind: 'found'
      readonly image: TreeImage
      /** The origin path in its name. Undefined for a relative name. */
      readonly originPath?: string
      readonly need?: OriginNeed
      /** Set if the site has something else at the origin path. */
      readonly taken?: PlaceDefect
    }
  | ({ readonly kind: 'defect' } & PlaceDefect)

export interface ResolveContext {
  readonly site: SiteMounts
  /** True if a target has a workload, in the tree or not. */
  readonly hasWorkload: (workloadId: string) => boolean
  /** True if only the disks of one VM were selected. */
  readonly isOneVm: boolean
  /** Why the tree may be incomplete: a target that does not answer. */
  readonly unseen?: string
}

/** Finds parents in the tree. No name is opened. */
export class ParentResolver {
  readonly #tree: WorkloadTree
  readonly #context: ResolveContext
  readonly wantedWorkloads = new Set<string>()

  constructor(tree: WorkloadTree, context: ResolveContext) {
    this.#tree = tree
    this.#context = context
  }

  /** Undefined for a full image. */
  placeOf(image: TreeImage): JudgedParent | undefined {
    const name = image.parent?.name
    if (name === undefined) return undefined
    if (name.kind === 'outside')
      return { kind: 'defect', code: 'parent-outside-targets', state: 'broken', why: name.why }
    if (name.kind === 'unclear')
      return { kind: 'defect', code: 'backing-name-unclear', state: 'unknown', why: name.why }
    return name.kind === 'beside' ? this.#beside(image, name.path) : this.#absolute(image, name)
  }

  /** QEMU opens it beside the image, so on the same target. */
  #beside({ target }: TreeImage, path: string): JudgedParent {
    const image = this.#tree.at(path).find((one) => one.target === target)
    return image === undefined ? this.#notThere(path) : { kind: 'found', image }
  }

  #absolute(child: TreeImage, { originPath, path }: Extract<ParentName, { kind: 'absolute' }>): JudgedParent {
    const { site } = this.#context
    const images = this.#tree.at(path)
    const places = images.map((image) => ({ image, shown: shownAt(site, originPath, image.target) }))
    const best =
      places.find(({ shown }) => shown.kind === 'here') ??
      places.find(({ image }) => image.target === child.target) ??
      places[0]
    if (best === undefined) return this.#notThere(path)
    const { image, shown } = best
    return {
      kind: 'found',
      image,
      originPath,
      ...(shown.kind === 'needed' && { need: shown.need }),
      ...(shown.kind === 'taken' && { taken: { code: shown.code, state: 'unknown', why: shown.why } }),
    }
  }

  #notThere(path: string): JudgedParent {
    const defect = (code: Defect['code'], state: Defect['state'], why: string): JudgedParent => ({
      kind: 'defect',
      code,
      state,
      why,
      parentPath: path,
    })
    const gap = this.#tree.gapAt(path)
    // No restore reads a FIFO or a device. Anything else may be the parent.
    if (gap !== undefined) return defect(gap.code, gap.code === 'not-a-file' ? 'broken' : 'unknown', gap.why)
    const { hasWorkload, isOneVm, unseen } = this.#context
    const workloadId = /^workload_([^/]+)\//.exec(path)?.[1]
    if (workloadId !== undefined && !this.#tree.workloadIds.has(workloadId) && hasWorkload(workloadId)) {
      this.wantedWorkloads.add(workloadId)
      return defect('not-looked-at', 'unknown', `its parent ${path} is in a workload that was not selected`)
    }
    const [folder = ''] = path.split('/', 1)
    if (idInFolder('workload', folder) === undefined && holdsFolderName(folder))
      return defect('parent-outside-targets', 'unknown', `its parent ${path} is in a copy, which was not read`)
    if (unseen !== undefined)
      return defect('not-answering', 'unknown', `its parent ${path} was not found, and ${unseen}`)
    if (workloadId === undefined || !this.#tree.workloadIds.has(workloadId))
      return defect('parent-outside-targets', 'broken', `its parent ${path} is in a workload that no target has`)
    const vmId = /\/vm_id_([^/]+)\//.exec(path)?.[1]
    if (isOneVm && vmId !== undefined && !this.#tree.vmIds.has(vmId))
      return defect('not-looked-at', 'unknown', `its parent ${path} belongs to a VM that was not selected`)
    return defect('missing-parent', 'broken', `its parent ${path} is missing`)
  }
}
