import { writeDecoys } from '../backup/decoy.ts'
import { replicate } from '../lab/machine/replicate.ts'
import { parseShare } from '../target/share.ts'
import { type GeneratedTarget, putTarget } from './generated-target.ts'
import type { Scene } from './scene.ts'

/** The shares of the lab's servers, and what is written to them without the product. */
export class Shares {
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** Copies everything on a share to another one, whose server comes up if the lab does not have it. */
  async replicate(share: string, copy: string): Promise<void> {
    await this.#scene.perform(['replicate', share, copy], async () => {
      const { drill, holdings, lab, primary } = this.#scene
      const [from, to] = [parseShare(share), parseShare(copy)]
      await this.#scene.provideShare(copy, primary.plan.user)
      await drill.during('back up', () =>
        replicate({ server: lab.server(from.host), path: from.path }, { server: lab.server(to.host), path: to.path }),
      )
      holdings.addReplica(copy, share)
    })
  }

  /** Writes a target as `target create` does to a share, whose server comes up if the lab does not have it. */
  async writeTarget(share: string, target: GeneratedTarget): Promise<void> {
    await this.#scene.perform(['generated target', share, target], async () => {
      const { drill, lab, site } = this.#scene
      const { host, path } = parseShare(share)
      const owner = site.plan.user
      await this.#scene.provideShare(share, owner)
      await drill.during('back up', () => putTarget(drill, target, { server: lab.server(host), path, owner }))
    })
  }

  /** Writes images with other content to a share, under the names of those that were backed up elsewhere. */
  async writeDecoys(share: string): Promise<void> {
    await this.#scene.perform(['decoys', share], async () => {
      const { holdings, lab, site } = this.#scene
      const { host, path } = parseShare(share)
      const own = holdings.imagesOn(share)
      const images = holdings.images.filter((image) => !own.includes(image))
      await writeDecoys(lab.server(host).shell, { user: site.plan.user, directory: path, images })
    })
  }
}
