import { backUp } from '../backup/backup.ts'
import { planWorkloads, type WorkloadShape } from '../backup/backup-plan.ts'
import type { ImageRecord } from '../backup/catalog.ts'
import type { InstanceNames } from '../backup/records.ts'
import { InputError } from '../errors.ts'
import type { DescribedCloud } from '../identity/described-cloud.ts'
import type { Site } from '../lab/site.ts'
import type { WorkloadBackup } from './knowledge.ts'
import { type Scene, workDirectory } from './scene.ts'

export interface BackupScale {
  readonly vms: number
  readonly disksOfEach: number
  /** The first one is full, the others are incremental. */
  readonly snapshots: number
  /** A share of the site. Default: its first one. */
  readonly share?: string
}

/** The backups that the product takes of workloads, recorded in the journal and in the holdings. */
export class Backups {
  readonly #scene: Scene

  constructor(scene: Scene) {
    this.#scene = scene
  }

  /** The primary site takes a full snapshot and incremental ones of a new workload. */
  async take(workload: string, scale: BackupScale): Promise<void> {
    await this.#scene.perform(['back up', workload, scale], async () => {
      const { name, version, shares, cloud } = this.#scene.primary.plan
      const owner = this.#scene.knowledge.owners.get(workload)
      const share = scale.share ?? shares[0]?.share.text
      if (share === undefined) throw new InputError(`site ${name} mounts no share`)
      const plan = planWorkloads(workload, {
        workloads: [shapeOf(workload, scale)],
        cloud: name,
        productVersion: version,
        ...(cloud && { cloudId: cloud.id, parts: partsOf(cloud) }),
        ...(owner && { owner }),
      })
      await this.#take(this.#scene.primary, { plan, site: name, share, snapshots: scale.snapshots }, 0)
    })
  }

  /** The site that backs a workload up takes more incremental snapshots of it, under its current mount path. */
  async takeMore(workload: string, snapshots: number): Promise<void> {
    await this.#scene.perform(['back up again', workload, snapshots], async () => {
      const before = this.#scene.knowledge.backups.get(workload)
      if (before === undefined) throw new InputError(`workload ${workload} was never backed up`)
      const site = this.#scene.lab.site(before.site)
      await this.#take(site, { ...before, snapshots: before.snapshots + snapshots }, before.snapshots)
    })
  }

  async #take({ plan: site, computes }: Site, backup: WorkloadBackup, taken: number): Promise<void> {
    const { drill, holdings, knowledge } = this.#scene
    const { plan, share, snapshots } = backup
    const [compute] = computes
    if (compute === undefined) throw new InputError(`site ${site.name} has no compute`)
    const originPath = site.shares.find((one) => one.share.text === share)?.mountPath
    if (originPath === undefined) throw new InputError(`site ${site.name} does not mount ${share}`)
    const options = {
      user: site.user,
      mountPath: originPath,
      share,
      workDirectory: `${workDirectory}/${plan.seed}`,
      plan,
      taken,
      snapshots,
      signal: drill.signal,
      onImage: (image: ImageRecord, takenAt: Date) => {
        holdings.add({ image, share, originPath })
        const place = { share, originPath, site: site.name }
        drill.journal.append({ kind: 'backup', image, ...place, takenAt: takenAt.toISOString() })
      },
    }
    await drill.during('back up', () => backUp(compute.service, options))
    knowledge.backups.set(plan.seed, backup)
  }
}

/** The instances of a lab are made of the first names of its cloud. */
function partsOf({ flavors, networks, volumeTypes }: DescribedCloud): InstanceNames {
  return { flavor: flavors[0] ?? '', network: networks[0] ?? '', volumeType: volumeTypes[0] ?? '' }
}

function shapeOf(name: string, { vms, disksOfEach }: BackupScale): WorkloadShape {
  const devices = Array.from({ length: disksOfEach }, (_, index) => `vd${String.fromCharCode(97 + index)}`)
  return { name, vms: Array.from({ length: vms }, (_, index) => ({ name: `${name}-${index + 1}`, devices })) }
}
