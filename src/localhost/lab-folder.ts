import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { folderUnusable, temporaryFolder } from './own-folder.ts'
import { type ProcessIdentity, parseIdentity } from './process-identity.ts'

/** The lab that a folder or a hub belongs to, and the process that owns it. */
export interface LabOwner {
  /** The run that owns the lab. Everything that the engine creates has it as a label. */
  readonly run: string
  /** Unique in its run. */
  readonly lab: string
  /** The process that holds the leases. It is written on everything, so that dead owners can be found. */
  readonly owner: ProcessIdentity
}

const prefix = 'dr-drill-lab-'
const ownerFile = 'owner.json'

/**
 * Creates a folder for the disks of a lab's machines, and a file in it that names the owner. The caller removes it.
 * @throws MachineError if it cannot be created
 */
export async function makeLabFolder({ run, lab, owner }: LabOwner): Promise<string> {
  const temporary = temporaryFolder()
  const folder = join(temporary, `${prefix}${run}.${lab}`)
  try {
    // An existing folder may belong to another user. This one will hold keys.
    await mkdir(folder, { mode: 0o700 })
    await writeFile(join(folder, ownerFile), JSON.stringify({ run, owner }))
  } catch (cause) {
    throw folderUnusable(temporary, 'TMPDIR', cause)
  }
  return folder
}

/**
 * A shell script that removes the folder $1, in which other processes may still work for a moment. Some files may belong
 * to users that exist only in a namespace of ours. Nothing is removed from a file system that is mounted in it.
 */
export const removalScript = `
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ -e "$1" ] || exit 0
  rm -rf --one-file-system -- "$1" ||
    unshare --user --map-root-user --map-auto rm -rf --one-file-system -- "$1" || sleep 0.5
done 2>/dev/null
[ ! -e "$1" ] || { echo "cannot remove $1" >&2; exit 1; }
`

export async function removeLabFolder(path: string): Promise<void> {
  await promisify(execFile)('/bin/sh', ['-c', removalScript, 'dr-drill', path])
}

export interface LabFolder {
  readonly path: string
  readonly run: string
  /** Undefined if the owner was killed before it wrote its name. */
  readonly owner?: ProcessIdentity
}

/** Age from which a folder without an owner is abandoned, and not just being created. */
const abandonedAfterMs = 60_000

/** Lists this user's lab folders. */
export async function listLabFolders(): Promise<readonly LabFolder[]> {
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
        const hasNoOwner = (error as NodeJS.ErrnoException).code === 'ENOENT'
        if (!hasNoOwner || !(await isAbandoned(path))) return []
        return [{ path, run: name.slice(prefix.length, name.lastIndexOf('.')) }]
      }
    }),
  )
  return folders.flat()
}

async function isAbandoned(path: string): Promise<boolean> {
  const { uid, mtimeMs } = await stat(path).catch(() => ({ uid: undefined, mtimeMs: 0 }))
  return uid === process.getuid?.() && mtimeMs < Date.now() - abandonedAfterMs
}
