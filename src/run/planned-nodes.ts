import { InputError } from '../errors.ts'

/**
 * Which nodes a scenario has, as far as its steps tell when they are read before anything starts: so that a name that none
 * of them has is told at once, and not when the lab is up.
 */
export class PlannedNodes {
  readonly #nodes = new Map<string, readonly string[]>()
  #last: string | undefined
  #isWhole = true

  /** Restores are made on the site that came up last. */
  add(site: string, nodes: readonly string[]): void {
    this.#nodes.set(site, nodes)
    this.#last = site
  }

  /** A step of somebody else's may bring up whatever it likes: from here on nothing is refused. */
  doubt(): void {
    this.#isWhole = false
  }

  /** @throws InputError that lists the sites there are */
  requireSite(name: string): void {
    if (this.#isWhole && this.#last !== undefined && !this.#nodes.has(name))
      throw new InputError(`there is no site "${name}"; there are: ${[...this.#nodes.keys()].join(', ')}`)
  }

  /**
   * @param name `compute-1` of the site that restores are made on, or `primary/compute-1`
   * @throws InputError that lists the nodes there are
   */
  require(name: string): void {
    if (!this.#isWhole || this.#last === undefined) return
    const slash = name.indexOf('/')
    const site = slash === -1 ? this.#last : name.slice(0, slash)
    this.requireSite(site)
    const nodes = this.#nodes.get(site) ?? []
    if (!nodes.includes(name.slice(slash + 1)))
      throw new InputError(`the site ${site} has no node "${name.slice(slash + 1)}"; it has: ${nodes.join(', ')}`)
  }
}
