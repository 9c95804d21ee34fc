import { randomBytes } from 'node:crypto'
import { lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { removeLabFolder } from './lab-folder.ts'
import { makeFolders } from './make-folders.ts'
import { hasEnded, type ProcessIdentity, parseIdentity, thisProcess } from './process-identity.ts'
import { stateFolder } from './state-folder.ts'

/** A folder that a process holds: it is of no use once that process has ended. */
export interface HeldFolder {
  readonly path: string
  readonly owner: ProcessIdentity
  /** The file with the record. */
  readonly record: string
  /** True if the folder at this path is still the one that was recorded. */
  readonly exists: boolean
}

/** What distinguishes a folder from another one at the same path. */
interface FolderIdentity {
  readonly device: number
  readonly inode: number
  readonly bornMs: number
}

/**
 * The records of this user's temporary folders, one file each. Watchers remove a folder when its process is killed. If they
 * are killed as well, or stopped, the record remains, and with it the next run and `clean` find the folder.
 */
export class FolderLeases {
  readonly folder: string

  constructor(folder = join(stateFolder(), 'folders')) {
    this.folder = folder
  }

  /**
   * Records that this process holds a folder.
   * @returns the file with the record, which goes when the folder goes. Undefined if no record can be written: then the
   * watcher alone removes the folder
   */
  async add(path: string): Promise<string | undefined> {
    try {
      const [identity, owner] = [await identityOf(path), await thisProcess()]
      makeFolders(this.folder, 0o700)
      const record = join(this.folder, `${randomBytes(8).toString('hex')}.json`)
      await writeFile(`${record}.new`, JSON.stringify({ path, ...identity, owner }), { mode: 0o600 })
      await rename(`${record}.new`, record)
      return record
    } catch {
      return undefined
    }
  }

  /** Lists the folders on record. A record that cannot be read is left out. */
  async list(): Promise<readonly HeldFolder[]> {
    const names = (await readdir(this.folder).catch(() => [])).filter((name) => name.endsWith('.json'))
    const held = names.map((name) => heldFolder(join(this.folder, name)))
    return (await Promise.all(held)).flatMap((one) => one ?? [])
  }

  /** Removes a folder and its record. Another folder at the same path is kept. */
  async remove({ path, exists, record }: HeldFolder): Promise<void> {
    if (exists) await removeLabFolder(path)
    await rm(record, { force: true })
  }

  /** Removes the folders whose processes have certainly ended, as far as it can. */
  async removeAbandoned(): Promise<void> {
    for (const held of await this.list()) if (await hasEnded(held.owner)) await this.remove(held).catch(() => {})
  }
}

async function heldFolder(record: string): Promise<HeldFolder | undefined> {
  try {
    const { path, owner, ...recorded } = JSON.parse(await readFile(record, 'utf8')) as Record<string, unknown>
    const identity = parseIdentity(JSON.stringify(owner))
    if (typeof path !== 'string' || identity === undefined) return undefined
    const now = await identityOf(path).catch(() => undefined)
    const isSame = (key: keyof FolderIdentity) => now !== undefined && now[key] === recorded[key]
    return { path, owner: identity, record, exists: isSame('device') && isSame('inode') && isSame('bornMs') }
  } catch {
    return undefined
  }
}

async function identityOf(path: string): Promise<FolderIdentity> {
  const { dev, ino, birthtimeMs } = await lstat(path)
  return { device: dev, inode: ino, bornMs: birthtimeMs }
}
