import type { BackupPlan } from '../backup/backup-plan.ts'
import { InputError } from '../errors.ts'
import type { CloudInput } from '../identity/cloud-schema.ts'
import type { OwnerIds } from '../verdict/observation/workload-state.ts'
import { Holdings } from './holdings.ts'

/** A workload that a site backs up, and the number of its snapshots so far. */
export interface WorkloadBackup {
  readonly plan: BackupPlan
  readonly site: string
  readonly share: string
  readonly snapshots: number
}

/** The facts that a rehearsal knows about its lab. */
export class Knowledge {
  /** The site that backs up: the first one. Undefined as long as the lab has no site. */
  primary: string | undefined
  /** The site that restores are made on: the one that came up last. */
  current: string | undefined
  readonly holdings = new Holdings()
  /** By the names of workloads. */
  readonly backups = new Map<string, WorkloadBackup>()
  /** Owners at the primary site, by the names of workloads. */
  readonly owners = new Map<string, OwnerIds & { readonly user: string; readonly project: string }>()
  /** The clouds of sites that have not come up yet. */
  readonly #clouds = new Map<string, CloudInput>()

  /** @throws InputError if the site has users already */
  setCloud(site: string, cloud: CloudInput): void {
    if (this.#clouds.has(site)) throw new InputError(`site ${site} has users already`)
    this.#clouds.set(site, cloud)
  }

  /** Returns the cloud of a site that comes up. Undefined if it was given no users. */
  takeCloud(site: string): CloudInput | undefined {
    const cloud = this.#clouds.get(site)
    this.#clouds.delete(site)
    return cloud
  }

  /** The sites that were given users and have not come up. */
  get sitesToCome(): readonly string[] {
    return [...this.#clouds.keys()]
  }

  copy(): Knowledge {
    const copy = new Knowledge()
    copy.adopt(this)
    return copy
  }

  /** Adds the knowledge of another rehearsal, whose lab this one continues with. */
  adopt(other: Knowledge): void {
    this.primary = other.primary
    this.current = other.current
    this.holdings.adopt(other.holdings)
    for (const [workload, backup] of other.backups) this.backups.set(workload, backup)
    for (const [workload, owner] of other.owners) this.owners.set(workload, owner)
    for (const [site, cloud] of other.#clouds) this.#clouds.set(site, cloud)
  }
}
