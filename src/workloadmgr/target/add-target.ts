import { InputError } from '../../errors.ts'
import { mountPathOf, type PathRule } from '../../target/mount-path.ts'
import { parseShare } from '../../target/share.ts'
import type { WorkloadManager } from '../manager.ts'
import type { BackupTarget, ManagerConfig } from '../manager-config.ts'

/** A backup target that an administrator adds. */
export interface NewTarget extends Pick<BackupTarget, 'name' | 'type' | 'share' | 'isDefault'> {
  /** Where it is mounted. Default: beside the configured targets, encoded as the product's version does it. */
  readonly mountPath?: string
}

/**
 * Adds a backup target and the target type of the same name. It does not mount it: until something is mounted at its mount
 * path, it is offline.
 * @throws InputError for a name or mount path that another target has, or a share that cannot be read
 */
export function addTarget({ config, store, targets }: WorkloadManager, added: NewTarget): BackupTarget {
  const { name, type, share, isDefault } = added
  if (targets.some((one) => one.name === name)) throw new InputError(`backup target ${name} exists`)
  const mountPath = added.mountPath ?? mountPathBeside(config, share)
  const other = targets.find((one) => one.mountPath === mountPath)
  if (other !== undefined)
    throw new InputError(`backup target ${other.name} has the same mount path: ${mountPath}`, {
      remedy: 'Export the share under another path.',
    })
  const target = { name, type, share, mountPath, isDefault }
  store.transaction(() => {
    if (isDefault) store.targets.change({}, { isDefault: false })
    store.targets.add({ ...target, createdAt: new Date().toISOString() })
  })
  return target
}

function mountPathBeside({ targets, version }: ManagerConfig, share: string): string {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const rule: PathRule = major > 4 || (major === 4 && minor >= 2) ? 'export' : 'share'
  const base = targets.find(({ type }) => type === 'nfs')
  const encoded = base && mountPathOf('', parseShare(base.share), rule)
  if (base === undefined || encoded === undefined || !base.mountPath.endsWith(encoded))
    throw new InputError(`the mount path of ${share} is unknown`, { remedy: 'Pass the mount path.' })
  return mountPathOf(base.mountPath.slice(0, -encoded.length), parseShare(share), rule)
}
