import { checkShape, shapeSchema, type TargetShape } from '../../generate/shape.ts'
import { planTarget } from '../../generate/target-plan.ts'
import type { FoundWorkload } from '../scan/found.ts'
import type { SiteMounts } from '../site/site-mounts.ts'
import { SummaryBuilder, type SummaryOptions } from './assessment-summary.ts'
import { judgeWorkload } from './judge-workload.ts'
import type { ResolveContext } from './parent-resolver.ts'

/** Found workloads for tests to change: nothing of them is shared. */
export type Mutable<T> = T extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
  ? T
  : { -readonly [Key in keyof T]: Mutable<T[Key]> }

export const nowMs = Date.parse('2026-11-01T12:00:00Z')
/** The default mount path of the primary site's share. */
export const originPath = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='

/** Returns what a scan would find of a generated target: one workload with one disk in three snapshots by default. */
export function foundOf(shape: Record<string, unknown> = {}): Mutable<FoundWorkload>[] {
  const defaults = { workloads: 1, vms: 1, disks: 1, snapshots: 3 }
  const whole: TargetShape = shapeSchema.parse({ ...defaults, ...shape })
  checkShape(whole, 'test')
  return [...planTarget(whole).workloads()].map((workload): Mutable<FoundWorkload> => {
    const snapshots = workload.snapshots.map((snapshot) => ({
      snapshotId: snapshot.id,
      record: {
        name: snapshot.name,
        status: snapshot.isDeleted ? 'deleted' : 'available',
        createdAt: snapshot.startedAt.toISOString(),
        ...(snapshot.isDeleted && { isDeleted: true }),
      },
      vmNames: Object.fromEntries(snapshot.disks.map(({ vm }) => [vm.id, vm.name])),
      resources: snapshot.disks.map(({ images, volumeId, vm, device }) => ({
        resourceId: images.at(-1)?.place.resourceId ?? '',
        vmId: vm.id,
        device,
        volumeId,
      })),
      disks: snapshot.disks.map(({ images, vm, device }) => {
        const path = images.at(-1)?.path ?? ''
        return {
          vmId: vm.id,
          resourceId: images.at(-1)?.place.resourceId ?? '',
          device,
          folder: path.slice(0, path.lastIndexOf('/')),
          rows: images.map((image, nth) => ({
            id: image.place.imageId,
            vaultUrl: `/${image.path}`,
            isTop: nth === images.length - 1,
            ...(image.parent && { backingId: image.parent.place.imageId }),
          })),
          images: images
            .filter(({ arrival }) => arrival !== 'missing')
            .map((image) => ({
              name: image.place.imageId,
              fileBytes: 196_616,
              uid: 162,
              gid: 162,
              header: {
                virtualBytes: image.virtualSizeBytes,
                ...(image.parent && { backing: image.parent.name, backingFormat: 'qcow2' }),
                ...(workload.secret && { encryption: 'luks' as const }),
              },
              ...(image.arrival === 'cut short' && {
                problem: { kind: 'truncated' as const, message: 'the L1 table ends beyond it' },
              }),
            })),
        }
      }),
      problems: [],
      oddities: [],
    }))
    const record = {
      name: workload.name,
      projectId: workload.projectId,
      ...(workload.secret && { isEncrypted: true, secretId: workload.secret.id }),
    }
    return {
      workloadId: workload.id,
      parts: [{ target: 0, record, hasVms: true, snapshots, problems: [], oddities: [] }],
    }
  })
}

/** A site with these mount paths, each of one target. */
export function siteWith(mountPaths: Readonly<Record<string, number>> = {}): SiteMounts {
  return { name: 'recovery', mountPaths: new Map(Object.entries(mountPaths).map(([path, target]) => [path, [target]])) }
}

export function contextOf(site: SiteMounts = siteWith(), more: Partial<ResolveContext> = {}): ResolveContext {
  return { site, hasWorkload: () => false, isOneVm: false, ...more }
}

/** Judges workloads as one run does. */
export function assessed(
  workloads: readonly FoundWorkload[],
  site: SiteMounts = siteWith(),
  more: Partial<SummaryOptions & ResolveContext> = {},
) {
  const summary = new SummaryBuilder({ targets: ['/t'], depth: 'tables', site, nowMs, failOn: ['broken'], ...more })
  const images = workloads.flatMap((workload) => {
    const judged = judgeWorkload(workload, contextOf(site, more)).images
    summary.addWorkload(workload, judged)
    return judged
  })
  return { images, verdicts: images.map(({ verdict }) => verdict), summary: summary.finish() }
}
