import { accessSync, constants } from 'node:fs'
import type { Command } from 'commander'
import { openManager, type WorkloadManager } from '../manager.ts'
import { type ManagerConfig, readManagerConfig } from '../manager-config.ts'
import { findRequester, type Requester } from '../requester.ts'

/** What a command works with. */
export interface CommandContext {
  readonly manager: WorkloadManager
  readonly requester: Requester
}

/** The options of the program, as Commander reads them from the command line or the environment. */
interface ProgramOptions {
  readonly osCloud?: string
  readonly osUsername?: string
  readonly osProjectName?: string
  readonly osUserDomainName?: string
  readonly osProjectDomainName?: string
}

/**
 * Opens the workload manager for a command: as the product's user, for the person who asks. Jobs whose process is gone get
 * their final status first, and so do their restores and snapshots.
 * @throws InputError for an unknown person; MachineError if the configuration, the cloud or the database cannot be read
 */
export async function openContext(command: Command): Promise<CommandContext & Disposable> {
  const manager = openAsProduct()
  try {
    const { osCloud, osUsername, osProjectName, osUserDomainName, osProjectDomainName } =
      command.optsWithGlobals<ProgramOptions>()
    const requester = findRequester(manager.cloud, {
      cloud: osCloud || undefined,
      username: osUsername || undefined,
      projectName: osProjectName || undefined,
      userDomainName: osUserDomainName || undefined,
      projectDomainName: osProjectDomainName || undefined,
    })
    const [{ settleRestores }, { settleSnapshots }] = await Promise.all([
      import('../restore/settle-restores.ts'),
      import('../backup/settle-snapshots.ts'),
    ])
    await settleRestores(manager.store)
    await settleSnapshots(manager.store)
    return { manager, requester, [Symbol.dispose]: () => manager[Symbol.dispose]() }
  } catch (error) {
    manager[Symbol.dispose]()
    throw error
  }
}

/** Opens the workload manager as the product's user. @throws MachineError if it cannot be opened */
export function openAsProduct(): WorkloadManager {
  const config = readManagerConfig()
  becomeProduct(config)
  return openManager(config)
}

/** Files on targets and in the state folder belong to the product's user. */
function becomeProduct({ user: { uid, gid } }: ManagerConfig): void {
  if (process.getuid?.() !== 0 || uid === 0) return
  process.setgroups?.([])
  process.setgid?.(gid)
  process.setuid?.(uid)
  try {
    accessSync('.', constants.X_OK)
  } catch {
    // Programs cannot be started in a folder that the user may not enter, such as /root.
    process.chdir('/')
  }
}
