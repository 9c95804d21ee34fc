import type { Drill } from '../drill/drill.ts'
import { MachineError } from '../errors.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'
import { apply } from '../recovery/action/apply.ts'
import type { Action, AppliedAction } from '../recovery/action/kinds.ts'
import { undoActions } from '../recovery/action/undo-actions.ts'
import { type ImageToRename, renamesBetween } from '../recovery/strategy/rebase/plan-renames.ts'
import type { Holdings } from './holdings.ts'

/** Renames the parents of images on a site's shares to paths of that site, instead of binding anything. */
export class Rebasing {
  readonly #drill: Drill
  readonly #holdings: Holdings
  readonly #done = new Map<Machine, AppliedAction[]>()

  constructor(drill: Drill, holdings: Holdings) {
    this.#drill = drill
    this.#holdings = holdings
  }

  get hasBegun(): boolean {
    return this.#done.size > 0
  }

  /** Rebases by one node of the site, for all of them: the names are on the share. */
  async carryOut(node: Machine, site: SitePlan): Promise<void> {
    const { signal, journal } = this.#drill
    const done = this.#done.get(node) ?? []
    this.#done.set(node, done)
    const action = this.#actionFor(site)
    await this.#drill.during('recover', () =>
      apply(
        node.shell,
        [action],
        (applied, outcome) => {
          if (outcome === 'begun') done.push(applied)
          journal.append({ kind: 'action', where: node.where, action: { ...action }, outcome })
        },
        { signal },
      ),
    )
  }

  async undo(node: Machine): Promise<void> {
    const done = this.#done.get(node) ?? []
    this.#done.set(node, [])
    await this.#drill.during('recover', async () => {
      await undoActions(node.shell, done)
      for (const { where, inverse } of done.toReversed())
        this.#drill.journal.append({ kind: 'action', where, action: inverse, outcome: 'done' })
    })
  }

  #actionFor(site: SitePlan): Action {
    const images = this.#holdings.images.flatMap((image): readonly ImageToRename[] => {
      if (image.chain.length === 1) return []
      const path = `${this.#holdings.localPathOf(image, site)}/${image.path}`
      return [{ path, backing: this.#holdings.parentPathOf(image) }]
    })
    const renames = this.#holdings.originPairs(site).flatMap((pair) => {
      const planned = renamesBetween(images, pair)
      const [first] = planned.refused
      if (first !== undefined) throw new MachineError('rebase-refused', `${first.path}: ${first.why}`)
      return planned.renames
    })
    const targets = site.shares.map(({ mountPath }) => mountPath)
    return { kind: 'rename-parents', user: site.user, targets, renames }
  }
}
