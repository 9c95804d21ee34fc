import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HubOptions } from './engine/engine.ts'
import { type ProcessIdentity, parseIdentity } from './process-identity.ts'

const prefix = 'dr-drill-lab-'
const ownerFile = 'owner.json'

/** A folder for the disks of a lab's machines, with a word about whose it is. Who asks for it sees to its end. */
export async function makeLabFolder({ run, lab, owner }: HubOptions): Promise<string> {
  const folder = join(tmpdir(), `${prefix}${run}-${lab}`)
  // Not one that is there already, in a folder that others may write to; and there are keys in it.
  await mkdir(folder, { mode: 0o700 })
  await writeFile(join(folder, ownerFile), JSON.stringify({ run, owner }))
  return folder
}

export interface LabFolder {
  readonly path: string
  readonly run: string
  readonly owner: ProcessIdentity
}

/** Those of this user that are there. One without a word about its owner is being made, or not ours. */
export async function labFolders(): Promise<readonly LabFolder[]> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix))
  const folders = await Promise.all(
    names.map(async (name) => {
      const path = join(tmpdir(), name)
      try {
        const { run, owner } = JSON.parse(await readFile(join(path, ownerFile), 'utf8')) as Record<string, unknown>
        const identity = parseIdentity(JSON.stringify(owner))
        return typeof run === 'string' && identity !== undefined ? [{ path, run, owner: identity }] : []
      } catch {
        return []
      }
    }),
  )
  return folders.flat()
}
