/** A statement of the vendor's disaster recovery page, in our own words. */
export interface Paragraph {
  /** The part of the address of the paragraph in this page. */
  readonly id: string
  readonly heading: string
  readonly statement: string
  /** Features that prove it, or show its limits. */
  readonly features: readonly string[]
  /** Differences between the page and what drills or public sources show. */
  readonly differences: readonly Difference[]
}

export interface Difference {
  readonly text: string
  /** Where it was seen: a feature, or the kind of source. */
  readonly source: string
}

/** The page that the statements refer to. */
export const procedurePage = 'https://docs.trilio.io/openstack'

/** The statements of the page, in its order. */
export const procedure: readonly Paragraph[] = [
  {
    id: 'no-database',
    heading: 'Restores need the backup target, and not the database of the product',
    statement:
      'Workloads can be restored as long as they exist on the storage of the backup target and an installation of the product can reach them.',
    features: ['features/procedure/without-a-database.feature'],
    differences: [],
  },
  {
    id: 'process',
    heading: 'The process: install, verify mount paths, reassign workloads, notify users',
    statement:
      'The product is installed and configured for the target cloud. Mount paths are verified and created. Workloads are reassigned. Users are notified, or their workloads are restored for them.',
    features: ['features/handover/complete-page.feature', 'features/procedure/whole-process.feature'],
    differences: [
      {
        text: 'Import and reassignment never open an image. They succeed while the origin path is missing, and only a restore fails.',
        source: 'features/handover/import.feature',
      },
    ],
  },
  {
    id: 'starting-point',
    heading: 'The procedure is a starting point for the process of an own environment',
    statement: 'It applies to all installations. The exact process of an environment has to be developed from it.',
    features: ['features/runbook/nodes.feature', 'features/runbook/control-host.feature'],
    differences: [],
  },
  {
    id: 'synthetic-full',
    heading: 'Incremental snapshots refer to earlier ones',
    statement:
      'An incremental image is a qcow2 overlay. Its backing file is the image of the previous backup, so that each backup can be restored as if it were full.',
    features: ['features/faults/damaged-chain.feature', 'features/procedure/bind-mount.feature'],
    differences: [
      {
        text: 'qemu-img info exits with 0 for an image whose parent is missing, because it does not open the parent. It proves nothing about a chain.',
        source: 'features/procedure/without-the-origin-path.feature',
      },
    ],
  },
  {
    id: 'absolute-path',
    heading: 'The backing file is an absolute path, which has to exist',
    statement: 'The path of the backing file contains the mount path of the site that wrote the backup.',
    features: [
      'features/procedure/without-the-origin-path.feature',
      'features/procedure/wrong-share.feature',
      'features/recovery/wrong-recoveries.feature',
    ],
    differences: [
      {
        text: 'It is not enough that the path exists. Another valid image at the path of the parent restores wrong data, and every tool reports success.',
        source: 'features/procedure/wrong-share.feature',
      },
    ],
  },
  {
    id: 'encoding',
    heading: 'The mount path is the base64 encoding of the share',
    statement:
      'Several NFS shares can be configured. Each is mounted below a directory that is named after its encoding.',
    features: [
      'features/procedure/mount-path.feature',
      'features/mount-paths/path-rules.feature',
      'features/mount-paths/wrong-encodings.feature',
      'features/mount-paths/wrong-encodings-of-exports.feature',
      'features/mount-paths/several-shares.feature',
    ],
    differences: [
      {
        text: 'base64 is an encoding, and not a hash: it can be decoded, and equal prefixes stay equal.',
        source: 'experiment',
      },
      {
        text: 'From 4.2 on, only the export path is encoded, and not the whole share. The page still shows the older form.',
        source: 'features/mount-paths/path-rules.feature',
      },
      {
        text: 'An upgrade to 4.2 changes the mount path without any disaster, so that a site needs the origin path for its own backups.',
        source: 'features/mount-paths/upgrade.feature',
      },
      {
        text: 'GNU base64 wraps lines of more than 76 characters, so that a long share gives two lines. Use base64 -w0.',
        source: 'features/mount-paths/wrong-encodings.feature',
      },
    ],
  },
  {
    id: 'every-node',
    heading: 'The path is needed on the appliance and on every compute node',
    statement: 'If the path of the backing file is not available there, restores of incremental backups fail.',
    features: [
      'features/procedure/bind-mount.feature',
      'features/mount-paths/service-in-a-container.feature',
      'features/hosts/service-in-a-container.feature',
    ],
    differences: [
      {
        text: 'Where the service runs in a container, a bind on its host can be invisible to it. A check on the host passes, and the restore fails.',
        source: 'features/mount-paths/service-in-a-container.feature',
      },
      {
        text: 'Full backups restore on every node without the path, so that a test with a full backup proves nothing.',
        source: 'features/procedure/without-the-origin-path.feature',
      },
    ],
  },
  {
    id: 'bind',
    heading: 'The recommended method is a directory and a bind mount',
    statement: 'The directory is created, and the local mount path is bound to it with mount --bind.',
    features: [
      'features/procedure/bind-mount.feature',
      'features/runbook/nodes.feature',
      'features/mount-paths/bound-too-early.feature',
      'features/mount-paths/stale-bind.feature',
      'features/procedure/interrupted-recovery.feature',
    ],
    differences: [
      {
        text: 'A bind that is made before the share is mounted shows an empty directory, unless mounts are shared.',
        source: 'features/mount-paths/bound-too-early.feature',
      },
      {
        text: 'A bind keeps the mount that it was made from. After a remount it leads to the old server.',
        source: 'features/mount-paths/stale-bind.feature',
      },
    ],
  },
  {
    id: 'reboot',
    heading: 'A bind is lost at the next reboot, unless fstab has a line for it',
    statement: 'A line of type none with the option bind keeps the bind over reboots.',
    features: ['features/procedure/reboot.feature', 'features/mount-paths/space-in-fstab.feature'],
    differences: [
      {
        text: 'With systemd, the line of the page is required by local-fs.target: a missing local path can end the boot in emergency mode. With _netdev and nofail it is not.',
        source: 'experiment',
      },
      {
        text: 'The line of the page leaves the origin path empty where it is mounted before the share and mounts are private.',
        source: 'features/mount-paths/bound-too-early.feature',
      },
      {
        text: 'A space in a path is written as \\040.',
        source: 'features/mount-paths/space-in-fstab.feature',
      },
    ],
  },
  {
    id: 'find',
    heading: 'Workloads are found on the backup target',
    statement:
      'The workload manager of the recovery site starts empty. It lists what can be imported, and what has no owner.',
    features: [
      'features/handover/workload-manager.feature',
      'features/handover/import.feature',
      'features/handover/reassign.feature',
    ],
    differences: [
      {
        text: 'An import takes only workloads of the same cloud. Those of another cloud are listed as orphans, and only with the whole storage.',
        source: 'features/handover/reassign.feature',
      },
    ],
  },
  {
    id: 'reassign',
    heading: 'Workloads are reassigned to projects and users of the target cloud',
    statement: 'An administrator gives each workload an owner of the new cloud.',
    features: [
      'features/handover/reassign.feature',
      'features/handover/read-only-replica.feature',
      'features/handover/next-backup.feature',
    ],
    differences: [
      {
        text: 'A reassignment to a project that does not exist changes nothing, and reports success.',
        source: 'features/handover/reassign.feature',
      },
      {
        text: 'The schedule of a reassigned workload is disabled. Nothing backs it up until someone enables it.',
        source: 'features/handover/reassign.feature',
      },
      {
        text: 'A reassignment rewrites records on the target, so it fails on a read-only replica.',
        source: 'features/handover/read-only-replica.feature',
      },
      {
        text: 'The next backup names its parent under the mount path of the recovery site. One chain then needs two origin paths, also after failing back.',
        source: 'features/handover/next-backup.feature',
      },
    ],
  },
  {
    id: 'notify',
    heading: 'Users are notified that their workloads are available',
    statement: 'Each owner learns which workloads can be restored.',
    features: ['features/handover/notify.feature'],
    differences: [
      {
        text: 'The product sends no mail about a recovery. An operator has to, and only a snapshot whose content was read is known to restore.',
        source: 'features/handover/notify.feature',
      },
    ],
  },
  {
    id: 'restore-for-users',
    heading: 'Restores for the users need a user with the role in each project',
    statement:
      'Instead of notifying the users, a user in each project who has the necessary privileges can restore the workloads.',
    features: ['features/handover/restores-by-users.feature', 'features/handover/quota-and-mapping.feature'],
    differences: [
      {
        text: 'A role is not enough: a restore in one click also needs the networks and flavors of the lost cloud by their names, and spare quota.',
        source: 'features/handover/quota-and-mapping.feature',
      },
      {
        text: 'The workload manager can report a restore as available. Only the content of the disk proves it.',
        source: 'features/handover/restores-by-users.feature',
      },
    ],
  },
]
