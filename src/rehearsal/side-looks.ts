import type { Machine } from '../lab/machine/machine.ts'
import { inMountNamespace } from '../shell/mount-namespace.ts'
import type { WorkloadState } from '../verdict/observation/workload-state.ts'
import { type CloudPeople, cloudOf, type NamedOwner } from './cloud-people.ts'
import { lookThroughOriginPaths, type ThroughOriginPath } from './images-through-paths.ts'
import type { Scene } from './scene.ts'
import { lookAtWorkload } from './workload-look.ts'
import type { WorkloadManagers } from './workload-manager.ts'

/** Looks at nodes while somebody else works on them. They change nothing, and nothing is recorded. */
export class SideLooks {
  readonly #scene: Scene
  readonly #people: CloudPeople
  readonly #manager: WorkloadManagers

  constructor(scene: Scene, people: CloudPeople, manager: WorkloadManagers) {
    this.#scene = scene
    this.#people = people
    this.#manager = manager
  }

  /** Reads the images through the origin paths of a node, where the product's service runs. */
  async images(node: Machine): Promise<ThroughOriginPath> {
    const { unrecorded, serviceNamespace } = node
    const service = serviceNamespace === undefined ? unrecorded : inMountNamespace(unrecorded, serviceNamespace)
    return await lookThroughOriginPaths(this.#scene, node, service)
  }

  /** Reads the owner and the schedule of a workload that was backed up. */
  async workload(name: string): Promise<WorkloadState> {
    const { site } = this.#scene
    return await lookAtWorkload(site, { name, id: this.#manager.idOf(name) }, site.appliance.unrecorded)
  }

  /** The ids of an owner at the site. @throws InputError for an unknown user or project, or if the site has no cloud */
  ownerIds(owner: NamedOwner) {
    cloudOf(this.#scene.site)
    return this.#people.find(owner)
  }

  /** @throws InputError for a workload that was not backed up */
  requireWorkload(name: string): void {
    cloudOf(this.#scene.site)
    this.#manager.idOf(name)
  }
}
