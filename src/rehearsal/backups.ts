import { backUp } from '../backup/backup.ts'
import { type BackupPlan, planWorkloads, type WorkloadShape } from '../backup/backup-plan.ts'
import type { ImageRecord } from '../backup/catalog.ts'
import type { Drill } from '../drill/drill.ts'
import { InputError } from '../errors.ts'
import type { Site } from '../lab/site.ts'
import type { Holdings } from './holdings.ts'

export interface BackupScale {
  readonly vms: number
  readonly disksOfEach: number
  /** One full, the others incremental. */
  readonly snapshots: number
  /** Of the site; default: its first. */
  readonly share?: string
}

/** A workload that a site backs up, and how often it has. */
export interface Backup {
  readonly plan: BackupPlan
  readonly site: string
  readonly share: string
  readonly snapshots: number
}

/** What the product of a site does with its workloads, recorded in the drill's journal and in the holdings. */
export class Backups {
  readonly #drill: Drill
  readonly #holdings: Holdings
  readonly #workDirectory: string
  readonly #backups = new Map<string, Backup>()

  /** @param workDirectory of every node, for bulk data */
  constructor(drill: Drill, holdings: Holdings, workDirectory: string) {
    this.#drill = drill
    this.#holdings = holdings
    this.#workDirectory = workDirectory
  }

  /** All that others have taken. */
  takeOver(others: ReadonlyMap<string, Backup>): void {
    for (const [workload, backup] of others) this.#backups.set(workload, backup)
  }

  get taken(): ReadonlyMap<string, Backup> {
    return new Map(this.#backups)
  }

  /** The site that backs a workload up. @throws InputError when none does */
  siteOf(workload: string): string {
    return this.#of(workload).site
  }

  /** A full snapshot and incremental ones of a new workload. */
  async takeFirst(site: Site, workload: string, scale: BackupScale): Promise<void> {
    const { name, version, shares } = site.plan
    const share = scale.share ?? shares[0]?.share.text
    if (share === undefined) throw new InputError(`the site ${name} mounts no share`)
    const plan = planWorkloads(workload, {
      workloads: [shapeOf(workload, scale)],
      cloud: name,
      productVersion: version,
    })
    await this.#take(site, { plan, site: name, share, snapshots: scale.snapshots }, 0)
  }

  /** More incremental snapshots, where the site has its share now. */
  async takeMore(site: Site, workload: string, snapshots: number): Promise<void> {
    const before = this.#of(workload)
    await this.#take(site, { ...before, snapshots: before.snapshots + snapshots }, before.snapshots)
  }

  async #take({ plan: site, computes }: Site, backup: Backup, taken: number): Promise<void> {
    const { plan, share, snapshots } = backup
    const [compute] = computes
    if (compute === undefined) throw new InputError(`the site ${site.name} has no compute`)
    const originPath = site.shares.find((one) => one.share.text === share)?.mountPath
    if (originPath === undefined) throw new InputError(`the site ${site.name} does not mount ${share}`)
    const options = {
      user: site.user,
      mountPath: originPath,
      workDirectory: `${this.#workDirectory}/${plan.seed}`,
      plan,
      taken,
      snapshots,
      signal: this.#drill.signal,
      onImage: (image: ImageRecord) => {
        this.#holdings.add({ image, share, originPath })
        this.#drill.journal.append({ kind: 'backup', image, share, originPath, site: site.name })
      },
    }
    await this.#drill.during('back up', () => backUp(compute.service, options))
    this.#backups.set(plan.seed, backup)
  }

  #of(workload: string): Backup {
    const backup = this.#backups.get(workload)
    if (backup === undefined) throw new InputError(`the workload ${workload} was never backed up`)
    return backup
  }
}

function shapeOf(name: string, { vms, disksOfEach }: BackupScale): WorkloadShape {
  const devices = Array.from({ length: disksOfEach }, (_, index) => `vd${String.fromCharCode(97 + index)}`)
  return { name, vms: Array.from({ length: vms }, (_, index) => ({ name: `${name}-${index + 1}`, devices })) }
}
