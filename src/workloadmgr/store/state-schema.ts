import type { Columns, RowOf } from './table-rows.ts'

/** The version of the tables. A database of another version is refused. */
export const stateVersion = 1

export const workloadColumns = {
  id: 'text',
  projectId: 'text',
  userId: 'text',
  name: 'text',
  description: 'text?',
  typeId: 'text?',
  availabilityZone: 'text?',
  /** `available`, `locked`, `error` … */
  status: 'text',
  errorText: 'text?',
  /** The schedule as its record has it: opaque text. */
  schedule: 'text?',
  isScheduled: 'flag',
  isDeleted: 'flag',
  isEncrypted: 'flag',
  secretId: 'text?',
  productVersion: 'text?',
  /** The name of its backup target type. */
  target: 'text',
  createdAt: 'text?',
  updatedAt: 'text?',
} as const satisfies Columns

export const snapshotColumns = {
  id: 'text',
  workloadId: 'text',
  projectId: 'text',
  userId: 'text',
  name: 'text',
  /** `full`, `incremental` or `mixed`. */
  type: 'text',
  /** `executing`, `available`, `error`, `cancelled`, `deleted` … */
  status: 'text',
  errorText: 'text?',
  warningText: 'text?',
  sizeBytes: 'number',
  restoreSizeBytes: 'number',
  isDeleted: 'flag',
  isDataDeleted: 'flag',
  isPinned: 'flag',
  createdAt: 'text',
  finishedAt: 'text?',
  /** The job that takes it. Undefined for an imported one. */
  jobId: 'text?',
} as const satisfies Columns

/** An instance that a workload protects. */
export const instanceColumns = { id: 'text', workloadId: 'text', name: 'text' } as const satisfies Columns

export const jobColumns = {
  id: 'text',
  /** The work that it does: `import`, `restore` … */
  kind: 'text',
  arguments: 'json',
  /** `executing`, `available`, `error` or `cancelled`. */
  status: 'text',
  errorText: 'text?',
  result: 'json?',
  /** Percent. */
  progress: 'number',
  progressText: 'text?',
  /** The identity of the process that does the work, or, before it has begun, of the one that starts it. */
  worker: 'json',
  hasBegun: 'flag',
  isCancelRequested: 'flag',
  /** The project and the user of the request. */
  projectId: 'text?',
  userId: 'text?',
  createdAt: 'text',
  finishedAt: 'text?',
} as const satisfies Columns

export const restoreColumns = {
  id: 'text',
  snapshotId: 'text',
  workloadId: 'text',
  projectId: 'text',
  userId: 'text',
  name: 'text',
  /** `oneclick`, `inplace` or `selective`. */
  type: 'text',
  /** `restoring`, `executing`, `available`, `error` or `cancelled`. */
  status: 'text',
  errorText: 'text?',
  progress: 'number',
  progressText: 'text?',
  /** The name of the compute that reads the data. */
  compute: 'text',
  /** The instances that it makes. */
  plan: 'json',
  result: 'json?',
  jobId: 'text?',
  /** True while its folder on the compute may hold disks of no instance. */
  hasRemains: 'flag',
  createdAt: 'text',
  finishedAt: 'text?',
} as const satisfies Columns

/** Instances that restores have made in this cloud. */
export const restoredColumns = {
  id: 'text',
  /** The instance that was backed up. */
  vmId: 'text',
  workloadId: 'text',
  projectId: 'text',
  restoreId: 'text',
  name: 'text',
  compute: 'text',
  flavor: 'text?',
  networks: 'json',
  disks: 'json',
  createdAt: 'text',
} as const satisfies Columns

/** Backup targets that were added to those of the configuration. */
export const targetColumns = {
  name: 'text',
  type: 'text',
  share: 'text',
  mountPath: 'text',
  isDefault: 'flag',
  createdAt: 'text',
} as const satisfies Columns

/** Single values: the license, the cloud trust. */
export const settingColumns = { name: 'text', value: 'json' } as const satisfies Columns

export type KnownWorkload = RowOf<typeof workloadColumns>
export type KnownSnapshot = RowOf<typeof snapshotColumns>
export type JobRow = RowOf<typeof jobColumns>
export type RestoreRow = RowOf<typeof restoreColumns>
export type RestoredRow = RowOf<typeof restoredColumns>
