import type { ImageRecord } from '../backup/catalog.ts'
import { changesBefore } from '../backup/changes.ts'
import { changeLiveDisks } from '../backup/live-disk.ts'
import { InputError, MachineError } from '../errors.ts'
import { imagePath } from '../target/layout.ts'
import { namedParents, type ObservedParent } from '../verdict/observation/named-parent.ts'
import { type SnapshotEnd, snapshotEnds } from '../verdict/observation/snapshot-end.ts'
import type { Scene } from './scene.ts'
import type { InstanceDisk, RestoreAsker, UserRestores } from './user-restores.ts'
import type { WorkloadManagers } from './workload-manager.ts'

const deadlineMs = 900_000

/** An image of a snapshot, as the records on the target and its own header have it. */
interface FoundImage {
  readonly vmId: string
  readonly device: string
  readonly resourceId: string
  readonly imageId: string
  /** Empty for a full image. */
  readonly parent: string
}

/** The backups that users have the workload manager of the recovery site take, and delete. */
export class UserBackups {
  readonly #scene: Scene
  readonly #manager: WorkloadManagers
  readonly #restores: UserRestores

  constructor(scene: Scene, manager: WorkloadManagers, restores: UserRestores) {
    this.#scene = scene
    this.#manager = manager
    this.#restores = restores
  }

  /** Changes the disks of the restored instances of a workload, as their users do. */
  async changeInstances(workload: string): Promise<void> {
    await this.#scene.drill.during('restore', async () => {
      for (const { image, node, path } of this.#instances(workload)) {
        const { virtualSizeBytes } = image
        const changes = changesBefore(image.snapshot + 1, {
          device: image.disk,
          seed: `${path} changed`,
          virtualSizeBytes,
        })
        await changeLiveDisks(node.shell, [{ path, virtualSizeBytes, changes }], { deadlineMs })
      }
    })
  }

  /** Takes a snapshot of a recovered workload, waits until it has ended, and records its images. */
  async take(asker: RestoreAsker, workload: string): Promise<void> {
    const { drill } = this.#scene
    const person = this.#restores.personOf(asker)
    const takenAt = new Date()
    const args = ['workload-snapshot', this.#manager.idOf(workload), '-f', 'json']
    const { exitCode, stdout } = await this.#manager.run(args, person, 'back up')
    if (exitCode !== 0) return
    const { id } = JSON.parse(stdout) as { readonly id: string }
    await drill.during('back up', () => this.#follow(workload, id, takenAt))
  }

  /**
   * Runs the scheduler of the workload manager as if a week had passed, and records the images of the snapshots that it
   * takes. Returns their number.
   */
  async runSchedule(): Promise<void> {
    const takenAt = new Date()
    const at = new Date(Date.now() + 7 * 24 * 3_600_000).toISOString()
    const { stdout } = await this.#manager.run(['scheduler-run', '--at', at, '-f', 'json'], undefined, 'back up')
    if (stdout.trim() === '') return
    const rows = JSON.parse(stdout) as readonly { readonly Name: string; readonly 'Snapshot ID': string | null }[]
    for (const { Name: workload, 'Snapshot ID': id } of rows)
      if (id !== null) await this.#scene.drill.during('back up', () => this.#follow(workload, id, takenAt))
  }

  /** Deletes a snapshot. */
  async remove(asker: RestoreAsker, images: readonly ImageRecord[]): Promise<void> {
    const [image] = images
    if (image === undefined) throw new InputError('no such snapshot was backed up')
    const person = this.#restores.personOf(asker)
    const { exitCode } = await this.#manager.run(['snapshot-delete', image.snapshotId, '-f', 'json'], person, 'back up')
    if (exitCode === 0) this.#scene.holdings.removeSnapshot(image.snapshotId)
  }

  #instances(workload: string): readonly InstanceDisk[] {
    const disks = this.#restores.instancesOf(workload)
    if (disks.length === 0) throw new InputError(`no user has restored workload ${workload}`)
    return disks
  }

  async #follow(workload: string, snapshotId: string, takenAt: Date): Promise<void> {
    const { site, drill } = this.#scene
    const { shell, where } = site.appliance
    const script = `
for try in $(seq 600); do
  found=$(workloadmgr snapshot-show "$1" -f json)
  case $found in *'"status": "executing"'*) sleep 0.5 ;; *) break ;; esac
done
printf '%s' "$found"`
    const env = { OS_USERNAME: 'admin', OS_PROJECT_NAME: 'admin' }
    const { stdout } = await shell.run({ script, args: [snapshotId] }, { env, deadlineMs })
    const {
      status,
      error_msg: error,
      snapshot_type: type,
    } = JSON.parse(stdout) as {
      readonly status: string
      readonly error_msg: string | null
      readonly snapshot_type: string
    }
    const end: SnapshotEnd = { id: snapshotId, workload, status, type, error: error ?? '' }
    snapshotEnds.record(drill.journal, where, end)
    if (status === 'available') await this.#catalog(workload, snapshotId, takenAt)
  }

  /** Records the images of a new snapshot, with the content of the instances that was backed up. */
  async #catalog(workload: string, snapshotId: string, takenAt: Date): Promise<void> {
    const { site, holdings, drill } = this.#scene
    const disks = this.#instances(workload)
    const older = holdings.images.filter((image) => image.workload === workload)
    const [known] = older
    if (known === undefined) throw new InputError(`workload ${workload} was not backed up`)
    const mountPath = holdings.localPathOf(known, site.plan)
    const share = site.plan.shares.find((one) => one.mountPath === mountPath)?.share.text ?? ''
    const number = Math.max(...older.map(({ snapshot }) => snapshot)) + 1
    const found = await this.#imagesOf(`${mountPath}/workload_${known.workloadId}/snapshot_${snapshotId}`)
    for (const { vmId, device, resourceId, imageId, parent } of found) {
      const disk = disks.find(({ image }) => image.vmId === vmId && image.disk === device)
      if (disk === undefined)
        throw new MachineError('unknown-disk', `snapshot ${snapshotId} has an unknown disk ${device}`)
      const digest = await this.#restores.digest(disk)
      const place = { workloadId: known.workloadId, snapshotId, vmId, resourceId, device, imageId }
      const path = imagePath(place)
      const before = older.find((image) => parent !== '' && parent.endsWith(`/${image.path}`))
      const image: ImageRecord = {
        ...disk.image,
        snapshot: number,
        snapshotId,
        type: parent === '' ? 'full' : 'incremental',
        path,
        chain: [path, ...(before?.chain ?? [])],
        digest,
      }
      holdings.add({ image, share, originPath: mountPath })
      const from = { share, originPath: mountPath, site: site.plan.name }
      drill.journal.append({ kind: 'backup', image, ...from, takenAt: takenAt.toISOString() })
      const name: ObservedParent = { workload, snapshot: number, image: path, parent }
      namedParents.record(drill.journal, site.appliance.where, name)
    }
  }

  /** Finds the images of a snapshot below its folder, and the names of their parents in their headers. */
  async #imagesOf(folder: string): Promise<readonly FoundImage[]> {
    const { appliance, plan } = this.#scene.site
    const script = `
cd -- "$1"
for disk in vm_id_*/vm_res_id_*; do
  for image in "$disk"/*; do
    case $image in */disk_db) continue ;; esac
    parent=$(qemu-img info -f qcow2 -- "$image" | sed -n 's/^backing file: //p')
    printf '%s\\n%s\\n' "$image" "$parent"
  done
done`
    const { stdout } = await appliance.service.run({ script, args: [folder] }, { user: plan.user, deadlineMs })
    const lines = stdout.trimEnd().split('\n')
    return lines.flatMap((path, nth) => {
      const [, vmId, resourceId, device, imageId] =
        /^vm_id_([^/]+)\/vm_res_id_([^_/]+)_([^/]+)\/([^/]+)$/.exec(path) ?? []
      if (nth % 2 === 1 || !vmId || !resourceId || !device || !imageId) return []
      return [
        { vmId, resourceId, device, imageId, parent: (lines[nth + 1] ?? '').replace(/ \(actual path: .*\)$/, '') },
      ]
    })
  }
}
