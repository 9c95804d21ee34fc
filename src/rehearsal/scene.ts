import type { ImageRecord } from '../backup/catalog.ts'
import type { Drill } from '../drill/drill.ts'
import { InputError } from '../errors.ts'
import type { Lab } from '../lab/lab.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { Site } from '../lab/site.ts'
import { planTopology, type Topology } from '../lab/topology/topology.ts'
import type { User } from '../shell/shell.ts'
import { siteNodes } from '../verdict/observation/node-facts.ts'
import type { Holdings } from './holdings.ts'
import { Knowledge } from './knowledge.ts'
import type { Labs } from './labs.ts'
import { SharedBackground } from './shared-background.ts'

/** Folder for bulk data on every machine, on its data disk. */
export const workDirectory = '/srv/work'

/** The state that all parts of a rehearsal share: the drill, its lab, and what is known of the lab. */
export class Scene {
  readonly drill: Drill
  readonly knowledge = new Knowledge()
  readonly #labs: Labs
  readonly #background: SharedBackground
  #lab: Lab | undefined

  constructor(drill: Drill, labs: Labs) {
    this.drill = drill
    this.#labs = labs
    this.#background = new SharedBackground(drill, labs, {
      knowledge: this.knowledge,
      getLab: () => this.#lab,
      setLab: (lab) => {
        this.#lab = lab
      },
    })
  }

  /** The id of the run that the lab belongs to. */
  get run(): string {
    return this.#labs.run
  }

  /** @throws InputError before the first site or topology */
  get lab(): Lab {
    return this.#lab ?? refuse('the scenario has no lab yet')
  }

  /** The site that restores are made on: the one that came up last. @throws InputError if the lab has no site */
  get site(): Site {
    return this.lab.site(this.knowledge.current ?? refuse('the lab has no site yet'))
  }

  /** The site that backs up: the first one. @throws InputError if the lab has no site */
  get primary(): Site {
    return this.lab.site(this.knowledge.primary ?? refuse('the lab has no site that backs up yet'))
  }

  get holdings(): Holdings {
    return this.knowledge.holdings
  }

  /** Returns `compute-1` of the current site, or `primary/compute-1`. */
  node(name: string): Machine {
    return this.lab.machine(name.includes('/') ? name.replace('/', '-') : `${this.site.plan.name}-${name}`)
  }

  siteOf(node: Machine): Site {
    return this.lab.siteOf(node)
  }

  /** Returns the absolute path of an image on a site. */
  pathOn({ plan }: Site, image: ImageRecord): string {
    return `${this.holdings.localPathOf(image, plan)}/${image.path}`
  }

  /** Returns the mount paths of a site's shares, and the origin paths of all that was backed up. */
  mountPathsOn({ plan }: Site): readonly string[] {
    return [...plan.shares.map(({ mountPath }) => mountPath), ...this.holdings.originPaths]
  }

  /** Performs a part of the background, or takes its outcome from another scenario: see `BackgroundCalls.perform`. */
  async perform(call: readonly unknown[], act: () => Promise<void>): Promise<void> {
    await this.#background.perform(call, act)
  }

  /** Brings a topology up. It is planned beside the addresses that the lab has already. */
  async bringUp(plan: (taken: readonly string[]) => Topology): Promise<void> {
    const topology = plan(this.#lab?.machines.map(({ address }) => address) ?? [])
    await this.perform(['bring up', topology], async () => {
      const lab = await this.drill.during('provision', async () => {
        this.#lab ??= await this.#labs.openLab(this.drill)
        await this.#lab.add(topology)
        return this.#lab
      })
      for (const { name } of topology.sites) {
        const site = lab.site(name)
        this.knowledge.current = site.plan.name
        this.knowledge.primary ??= this.knowledge.current
        siteNodes.record(
          this.drill.journal,
          site.plan.name,
          site.nodes.map(({ where }) => where),
        )
      }
    })
  }

  /** True if a server of the lab exports a share. */
  exports(share: string): boolean {
    return this.#lab?.exports(share) === true
  }

  /** Brings up the server of a share, unless the lab has it. */
  async provideShare(share: string, owner: User): Promise<void> {
    if (this.exports(share)) return
    await this.bringUp((taken) => planTopology({ shares: [{ share, owner }] }, share, taken))
  }
}

function refuse(what: string): never {
  throw new InputError(what, { remedy: 'Bring up a site or a topology first.' })
}
