import type { ImageRecord } from '../backup/catalog.ts'
import type { Drill } from '../drill/drill.ts'
import type { Lab } from '../lab/lab.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { Site } from '../lab/site.ts'
import { Assessments } from './assessments.ts'
import { Backups } from './backups.ts'
import { CloudPeople } from './cloud-people.ts'
import { Faults } from './faults.ts'
import type { Holdings } from './holdings.ts'
import { Shares } from './lab-shares.ts'
import type { Labs } from './labs.ts'
import { Looks } from './looks.ts'
import { MailServers } from './mail-servers.ts'
import { Nodes } from './nodes.ts'
import { Product } from './product.ts'
import { Recovery } from './recovery.ts'
import { Restores } from './restores.ts'
import { Runbooks } from './runbooks.ts'
import { Scene } from './scene.ts'
import { SideLooks } from './side-looks.ts'
import { Sites } from './sites.ts'
import { UserBackups } from './user-backups.ts'
import { UserRestores } from './user-restores.ts'
import { WorkloadManagers } from './workload-manager.ts'

/**
 * All that a scenario can do in its own lab. Each part has one kind of verbs, and records what it does in the journal. A
 * step of a feature is one line over this.
 */
export class Rehearsal {
  /** Bring up, upgrade and lose sites. */
  readonly sites: Sites
  /** Replicate and fill shares. */
  readonly shares: Shares
  /** Reboot nodes and cut their power. */
  readonly nodes: Nodes
  /** Mount and unmount shares as the product does. */
  readonly product: Product
  /** Give sites users, and workloads owners. */
  readonly people: CloudPeople
  /** Import and reassign workloads: run commands of the workload manager. */
  readonly manager: WorkloadManagers
  /** Restore as users of the workload manager. */
  readonly userRestores: UserRestores
  /** Take and delete snapshots as users of the workload manager. */
  readonly userBackups: UserBackups
  /** Notify users by mail. */
  readonly mail: MailServers
  /** Back up. */
  readonly backups: Backups
  /** Break something. */
  readonly faults: Faults
  /** Bind, rebase, interrupt and undo. */
  readonly recovery: Recovery
  /** Recover with a runbook of your own. */
  readonly runbooks: Runbooks
  /** Restore. */
  readonly restores: Restores
  /** Look at nodes. */
  readonly looks: Looks
  /** Look at nodes while a team works on them. */
  readonly sideLooks: SideLooks
  /** Assess targets on nodes. */
  readonly assessments: Assessments
  readonly #scene: Scene

  constructor(drill: Drill, labs: Labs) {
    const scene = new Scene(drill, labs)
    this.#scene = scene
    this.nodes = new Nodes(drill.journal)
    this.product = new Product(scene)
    this.people = new CloudPeople(scene)
    this.manager = new WorkloadManagers(scene)
    this.userRestores = new UserRestores(scene, this.manager)
    this.userBackups = new UserBackups(scene, this.manager, this.userRestores)
    this.backups = new Backups(scene)
    this.faults = new Faults(scene)
    this.mail = new MailServers(scene, this.faults)
    this.shares = new Shares(scene)
    this.sites = new Sites(scene, this.shares, this.faults)
    this.looks = new Looks(scene)
    this.sideLooks = new SideLooks(scene, this.people, this.manager)
    this.recovery = new Recovery(scene)
    this.runbooks = new Runbooks(scene, this.recovery)
    this.restores = new Restores(scene, this.recovery, this.faults, this.looks)
    this.assessments = new Assessments(scene, this.faults)
  }

  get lab(): Lab {
    return this.#scene.lab
  }

  /** The site that restores are made on: the one that came up last. */
  get site(): Site {
    return this.#scene.site
  }

  /** All images that were backed up. */
  get images(): readonly ImageRecord[] {
    return this.#scene.holdings.images
  }

  /** Which images are on which share, and the origin path of each. */
  get holdings(): Holdings {
    return this.#scene.holdings
  }

  /** The origin path of all images. @throws InputError if they have several */
  get originPath(): string {
    return this.#scene.holdings.originPathOf()
  }

  /** Returns `compute-1` of the site that restores are made on, or `primary/compute-1`. */
  node(name: string): Machine {
    return this.#scene.node(name)
  }
}
