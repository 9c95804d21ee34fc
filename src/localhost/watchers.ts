import { readdir, readFile } from 'node:fs/promises'
import { type ProcessIdentity, parseIdentity, thisProcess } from './process-identity.ts'

const folderVariable = 'DR_DRILL_WATCHED_FOLDER'
const ownerVariable = 'DR_DRILL_WATCHED_OWNER'

/** Returns the environment of a process that removes a folder when this process ends, and of its children. */
export async function watcherEnvironment(folder: string): Promise<NodeJS.ProcessEnv> {
  return { ...process.env, [folderVariable]: folder, [ownerVariable]: JSON.stringify(await thisProcess()) }
}

/** A process that waits for the end of another, to remove its folder. */
export interface Watcher {
  readonly pid: number
  readonly folder: string
  readonly owner: ProcessIdentity
}

/** Lists watchers that were stopped, so that they do not notice that their owner has ended. */
export async function stoppedWatchers(): Promise<readonly Watcher[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  const found = await Promise.all(pids.map(stoppedWatcher))
  return found.flatMap((one) => one ?? [])
}

/** The watcher that this process is. Undefined if it is none, or was not stopped. */
export async function stoppedWatcher(pid: number): Promise<Watcher | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    if (!/^State:\tT/m.test(status)) return undefined
    const entries = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0')
    const read = (name: string) => entries.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1)
    const [folder, owner] = [read(folderVariable), parseIdentity(read(ownerVariable))]
    return folder === undefined || owner === undefined ? undefined : { pid, folder, owner }
  } catch {
    // It has ended, or belongs to another user.
    return undefined
  }
}
