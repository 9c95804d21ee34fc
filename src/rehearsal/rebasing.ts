import type { Drill } from '../drill/drill.ts'
import { MachineError } from '../errors.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { SitePlan } from '../lab/topology/site-plan.ts'
import { type RebaseOutcome, rebase } from '../recovery/strategy/rebase.ts'
import { type ImageToRebase, inverseRenames, planRebase, type Rename } from '../recovery/strategy/renames.ts'
import type { Holdings } from './holdings.ts'

const concurrency = 4

/** Renames the parents of images on a site's shares to paths of that site, instead of binding anything. */
export class Rebasing {
  readonly #drill: Drill
  readonly #holdings: Holdings
  readonly #done = new Map<Machine, Rename[]>()

  constructor(drill: Drill, holdings: Holdings) {
    this.#drill = drill
    this.#holdings = holdings
  }

  get hasBegun(): boolean {
    return this.#done.size > 0
  }

  /** Rebases by one node of the site, for all of them: the names are on the share. */
  async carryOut(node: Machine, site: SitePlan): Promise<void> {
    const renames = this.#renamesFor(site)
    this.#done.set(node, [...(this.#done.get(node) ?? []), ...renames])
    await this.#rename(node, site, renames)
  }

  async undo(node: Machine, site: SitePlan): Promise<void> {
    const renames = this.#done.get(node) ?? []
    this.#done.set(node, [])
    await this.#rename(node, site, inverseRenames(renames))
  }

  #renamesFor(site: SitePlan): readonly Rename[] {
    const images = this.#holdings.images.flatMap((image): readonly ImageToRebase[] => {
      if (image.chain.length === 1) return []
      const path = `${this.#holdings.localPathOf(image, site)}/${image.path}`
      return [{ path, backing: this.#holdings.parentPathOf(image) }]
    })
    return this.#holdings.originPairs(site).flatMap((pair) => {
      const { renames, refused } = planRebase(images, pair)
      const [first] = refused
      if (first !== undefined) throw new MachineError('rebase-refused', `${first.path}: ${first.why}`)
      return renames
    })
  }

  async #rename(node: Machine, { user }: SitePlan, renames: readonly Rename[]): Promise<void> {
    const { journal, signal } = this.#drill
    const entry = (outcome: 'begun' | 'done') =>
      journal.append({ kind: 'action', where: node.where, action: { kind: 'rebase', renames }, outcome })
    await this.#drill.during('recover', async () => {
      entry('begun')
      const outcomes = await rebase(node.shell, renames, { user, concurrency, signal })
      const bad = outcomes.find(({ state }) => state !== 'done')
      if (bad !== undefined) throw new MachineError('rebase-failed', describe(node, bad))
      entry('done')
    })
  }
}

function describe({ where }: Machine, { path, state, why = '' }: RebaseOutcome): string {
  return `${where}: the rebase of ${path} is ${state}: ${why}`
}
