import { EmbeddedIdentity, readCloudFile } from '../identity/cloud-file.ts'
import type { DescribedCloud } from '../identity/described-cloud.ts'
import type { IdentityService } from '../identity/identity-service.ts'
import type { BackupTarget, ManagerConfig } from './manager-config.ts'
import { StateStore } from './store/state-store.ts'

/** The workload manager of a site. Functions of the rooms below work on it. Dispose of it to close its database. */
export class WorkloadManager implements Disposable {
  readonly config: ManagerConfig
  readonly store: StateStore
  readonly identity: IdentityService

  constructor(config: ManagerConfig, store: StateStore, identity: IdentityService) {
    this.config = config
    this.store = store
    this.identity = identity
  }

  /** The cloud of the site at this moment. @throws MachineError if it cannot be read */
  get cloud(): DescribedCloud {
    return readCloudFile(this.config.cloudFile)
  }

  /** The backup targets of the configuration, and those that were added. */
  get targets(): readonly BackupTarget[] {
    const added = this.store.targets.list().map(({ name, type, share, mountPath, isDefault }) => ({
      name,
      type: type === 's3' ? ('s3' as const) : ('nfs' as const),
      share,
      mountPath,
      isDefault,
    }))
    const hasNewDefault = added.some(({ isDefault }) => isDefault)
    const configured = this.config.targets.map((one) => (hasNewDefault ? { ...one, isDefault: false } : one))
    return [...configured, ...added]
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]()
  }
}

/**
 * Opens the workload manager of a configuration.
 * @throws MachineError if its database cannot be opened
 */
export function openManager(config: ManagerConfig): WorkloadManager {
  return new WorkloadManager(config, new StateStore(config.stateDirectory), new EmbeddedIdentity(config.cloudFile))
}
