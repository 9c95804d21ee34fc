import { type Command, Option } from 'commander'
import { InputError } from '../../errors.ts'
import { listView, showView } from './output/view.ts'
import { doing, viewCommand } from './view-command.ts'
import { requireAdmin } from './visible-rows.ts'

/** Backup targets of this site, and their types, which workloads are created with. */
export function targetCommands(): readonly Command[] {
  return [targetList(), targetTypeList(), targetCreate()]
}

function targetList(): Command {
  const command = viewCommand('list', {
    name: 'backup-target-list',
    summary: 'list the backup targets of this site',
    notes: `
A target that cannot be reached is offline.

Example:
  $ workloadmgr backup-target-list -f json`,
  })
  return doing(command, async ({ manager }) => {
    const { checkTargets } = await import('../target/check-target.ts')
    return listView(await checkTargets(manager.targets), {
      ID: ({ target }) => target.name,
      Type: ({ target }) => target.type,
      'Backend Endpoint': ({ target }) => target.share,
      'Mount Path': ({ target }) => target.mountPath,
      Status: ({ status }) => status,
    })
  })
}

function targetTypeList(): Command {
  const command = viewCommand('list', {
    name: 'backup-target-type-list',
    summary: 'list the types of backup targets that workloads can have',
    notes: '\nExample:\n  $ workloadmgr backup-target-type-list -f value -c Name',
  })
  return doing(command, async ({ manager }) =>
    listView(manager.targets, {
      ID: ({ name }) => name,
      Name: ({ name }) => name,
      Type: ({ type }) => type,
      'Is Default': ({ isDefault }) => isDefault,
    }),
  )
}

function targetCreate(): Command {
  const command = viewCommand('show', {
    name: 'backup-target-create',
    summary: 'add a backup target, and a type of the same name',
    notes: `
For administrators. The target is not mounted: it is offline until its share is
mounted at its mount path. An S3 target needs --secret-ref from 6.2 on.

Examples:
  $ workloadmgr backup-target-create --btt-name second --type nfs \\
      --filesystem-export 10.20.2.20:/second --nfs-mount-opts nolock,soft
  $ workloadmgr backup-target-create --btt-name bucket --type s3 \\
      --s3-endpoint-url https://s3.example.org --s3-bucket backups \\
      --secret-ref URL --mount-path /var/triliovault-mounts/ENCODED`,
  })
    .requiredOption('--btt-name <name>', 'name of the target and of its type')
    .addOption(new Option('--type <type>', 'type of the storage').choices(['nfs', 's3']).makeOptionMandatory())
    .option('--filesystem-export <share>', 'NFS export, e.g. 10.20.2.20:/second')
    .option('--nfs-mount-opts <options>', 'mount options of NFS; a lab does not mount the target')
    .option('--s3-endpoint-url <url>', 'URL of the S3 service')
    .option('--s3-bucket <name>', 'name of the S3 bucket')
    .option('--secret-ref <url>', 'reference of the secret with the S3 credentials')
    .option('--mount-path <path>', 'where it is mounted (assumption; default for NFS: beside the other targets)')
    .option('--default', 'make it the default target')
  interface Flags {
    readonly bttName: string
    readonly type: 'nfs' | 's3'
    readonly filesystemExport?: string
    readonly s3EndpointUrl?: string
    readonly s3Bucket?: string
    readonly secretRef?: string
    readonly mountPath?: string
    readonly default?: true
  }
  return doing(command, async ({ manager, requester }, flags: Flags) => {
    requireAdmin(requester)
    const { addTarget } = await import('../target/add-target.ts')
    const share = flags.type === 'nfs' ? flags.filesystemExport : bucketOf(flags, manager.config.version)
    if (share === undefined) throw new InputError('--filesystem-export is required for type nfs')
    const { bttName: name, type, mountPath } = flags
    const isDefault = flags.default === true
    const target = addTarget(manager, { name, type, share, isDefault, ...(mountPath !== undefined && { mountPath }) })
    return showView({
      ...{ id: target.name, type: target.type, backend_endpoint: target.share, mount_path: target.mountPath },
      is_default: target.isDefault,
    })
  })
}

function bucketOf(
  {
    s3EndpointUrl,
    s3Bucket,
    secretRef,
  }: { readonly s3EndpointUrl?: string; readonly s3Bucket?: string; readonly secretRef?: string },
  version: string,
): string {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (s3EndpointUrl === undefined) throw new InputError('--s3-endpoint-url is required for type s3')
  if (s3Bucket === undefined) throw new InputError('--s3-bucket is required for type s3')
  if (secretRef === undefined && (major > 6 || (major === 6 && minor >= 2)))
    throw new InputError(`--secret-ref is required for type s3 in version ${version}`)
  return `${s3EndpointUrl.replace(/\/+$/, '')}/${s3Bucket}`
}
