import { InputError } from '../errors.ts'

/**
 * The nodes that a scenario will have, read from its steps before anything starts. An unknown node name is reported at
 * once, not after the lab is up.
 */
export class PlannedNodes {
  readonly #nodes = new Map<string, readonly string[]>()
  #restoreSite: string | undefined
  #isComplete = true

  /** Adds a site. Restores are made on the site that was added last. */
  add(site: string, nodes: readonly string[]): void {
    this.#nodes.set(site, nodes)
    this.#restoreSite = site
  }

  /** Accepts any name from here on, because a step that is not dr-drill's own may bring up nodes. */
  acceptAnyName(): void {
    this.#isComplete = false
  }

  /** @throws InputError that lists the known sites */
  requireSite(name: string): void {
    if (this.#isComplete && this.#restoreSite !== undefined && !this.#nodes.has(name))
      throw new InputError(`unknown site "${name}"; known sites: ${[...this.#nodes.keys()].join(', ')}`)
  }

  /**
   * @param name `compute-1` of the site that restores are made on, or `primary/compute-1`
   * @throws InputError that lists the known nodes
   */
  require(name: string): void {
    if (!this.#isComplete || this.#restoreSite === undefined) return
    const slash = name.indexOf('/')
    const site = slash === -1 ? this.#restoreSite : name.slice(0, slash)
    const node = name.slice(slash + 1)
    this.requireSite(site)
    const nodes = this.#nodes.get(site) ?? []
    if (!nodes.includes(node))
      throw new InputError(`unknown node "${node}" of site ${site}; known nodes: ${nodes.join(', ')}`)
  }
}
