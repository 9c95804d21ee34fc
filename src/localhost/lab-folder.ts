import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { folderUnusable, temporaryFolder } from './own-folder.ts'
import { type ProcessIdentity, parseIdentity } from './process-identity.ts'

/** The lab that a folder or a hub belongs to, and the process that owns it. */
export interface LabOwner {
  /** The run that owns the lab; everything the engine makes carries it as a label. */
  readonly run: string
  /** Unique in its run. */
  readonly lab: string
  /** The process that holds the leases; written on everything, so that the living are told from the dead. */
  readonly owner: ProcessIdentity
}

const prefix = 'dr-drill-lab-'
const ownerFile = 'owner.json'

/**
 * A folder for the disks of a lab's machines, with a word about whose it is. Who asks for it sees to its end.
 * @throws MachineError when it cannot be made
 */
export async function makeLabFolder({ run, lab, owner }: LabOwner): Promise<string> {
  const temporary = temporaryFolder()
  const folder = join(temporary, `${prefix}${run}.${lab}`)
  try {
    // Not one that is there already, in a folder that others may write to; and there are keys in it.
    await mkdir(folder, { mode: 0o700 })
    await writeFile(join(folder, ownerFile), JSON.stringify({ run, owner }))
  } catch (cause) {
    throw folderUnusable(temporary, 'TMPDIR', cause)
  }
  return folder
}

/**
 * A script that removes the folder $1, in which others may still be at work for a moment. Some of what they leave may
 * belong to users that only exist in a namespace of ours. Nothing is removed of what is mounted in it.
 */
export const removal = `
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ -e "$1" ] || exit 0
  rm -rf --one-file-system -- "$1" ||
    unshare --user --map-root-user --map-auto rm -rf --one-file-system -- "$1" || sleep 0.5
done 2>/dev/null
[ ! -e "$1" ] || { echo "$1 cannot be removed" >&2; exit 1; }
`

export async function removeLabFolder(path: string): Promise<void> {
  await promisify(execFile)('/bin/sh', ['-c', removal, 'dr-drill', path])
}

export interface LabFolder {
  readonly path: string
  readonly run: string
  /** Absent where it was killed before it could say so. */
  readonly owner?: ProcessIdentity
}

/** How long it takes at most to say whose a folder is. */
const unownedAfterMs = 60_000

/** Those of this user that are there. One without a word about its owner is being made, unless it is too old for that. */
export async function labFolders(): Promise<readonly LabFolder[]> {
  const temporary = temporaryFolder()
  const names = (await readdir(temporary)).filter((name) => name.startsWith(prefix))
  const folders = await Promise.all(
    names.map(async (name) => {
      const path = join(temporary, name)
      try {
        const { run, owner } = JSON.parse(await readFile(join(path, ownerFile), 'utf8')) as Record<string, unknown>
        const identity = parseIdentity(JSON.stringify(owner))
        return typeof run === 'string' && identity !== undefined ? [{ path, run, owner: identity }] : []
      } catch (error) {
        const isNobodys = (error as NodeJS.ErrnoException).code === 'ENOENT' && (await isOurs(path))
        return isNobodys ? [{ path, run: name.slice(prefix.length, name.lastIndexOf('.')) }] : []
      }
    }),
  )
  return folders.flat()
}

async function isOurs(path: string): Promise<boolean> {
  const { uid, mtimeMs } = await stat(path).catch(() => ({ uid: undefined, mtimeMs: 0 }))
  return uid === process.getuid?.() && mtimeMs < Date.now() - unownedAfterMs
}
