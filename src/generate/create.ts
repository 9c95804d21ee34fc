import { readdirSync, renameSync } from 'node:fs'
import { chown, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { settingsRecord } from '../backup/records.ts'
import { DrillError, InputError } from '../errors.ts'
import { CommandError, type Shell } from '../shell/shell.ts'
import { writeData } from './data.ts'
import { checkDataNeeds } from './data-needs.ts'
import { writeMetadata } from './metadata.ts'
import { couldNotWrite, type FolderMaker, makeFolder, placeFor, refuseExisting } from './place.ts'
import { type PlannedSecret, planTarget, type TargetPlan } from './plan.ts'
import type { Shape } from './shape.ts'
import type { Totals } from './skeleton.ts'
import { type Owner, Tree } from './tree.ts'

export interface CreateOptions {
  /** Does not exist, or is empty. */
  readonly directory: string
  /** As `readShape` gives it. */
  readonly shape: Shape
  /** Whom all of it belongs to. Default: whoever runs this. */
  readonly owner?: Owner
  /** Where qemu-img and Python run, for images with data; default: images without. */
  readonly dataBy?: Shell
  /** Default: one that a process which is killed leaves behind. */
  readonly makeFolder?: FolderMaker
  /** Sees how many images of how many are there. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

export interface CreatedTarget extends Totals {
  readonly directory: string
  readonly seed: string
  readonly originPaths: readonly string[]
  /** Beside the target, since a target has no secrets on it; only if a workload is encrypted. */
  readonly secretsFile?: string
}

/**
 * Makes a target of a shape. It is written in a folder of its own and moved into place when it is complete; what was
 * written is removed if it cannot be completed.
 * @throws InputError; MachineError when the file system does not go along; the signal's reason
 */
export async function createTarget(options: CreateOptions): Promise<CreatedTarget> {
  const directory = resolve(options.directory)
  if (options.owner !== undefined && process.getuid?.() !== 0)
    throw new InputError('only root gives files to somebody else', { remedy: 'leave out --owner, or run it as root' })
  const plan = planTarget(options.shape)
  const secretsFile = `${directory}.secrets.json`
  const { isThere, draft } = placeFor(directory)
  if (options.shape.encrypted > 0) refuseExisting(secretsFile)
  if (options.dataBy !== undefined) await checkDataNeeds(options.dataBy, options.shape, draft)
  const done: string[] = []
  try {
    await using _draft = await (options.makeFolder ?? makeFolder)(draft)
    if (options.owner !== undefined) await chown(draft, options.owner.uid, options.owner.gid)
    const secrets = await fill(draft, plan, options)
    if (secrets.length > 0) {
      await writeFile(secretsFile, secretsText(secrets), { mode: 0o600, flag: 'wx' })
      done.push(secretsFile)
    }
    if (isThere) {
      for (const name of readdirSync(draft)) {
        renameSync(join(draft, name), join(directory, name))
        done.push(join(directory, name))
      }
    } else renameSync(draft, directory)
    return {
      directory,
      ...plan.totals,
      seed: options.shape.seed,
      originPaths: plan.originPaths,
      ...(secrets.length > 0 && { secretsFile }),
    }
  } catch (cause) {
    for (const path of done) await rm(path, { recursive: true, force: true })
    if (options.signal?.aborted === true) throw options.signal.reason
    throw cause instanceof DrillError && !(cause instanceof CommandError) ? cause : couldNotWrite(directory, cause)
  }
}

async function fill(root: string, plan: TargetPlan, options: CreateOptions): Promise<readonly PlannedSecret[]> {
  const { shape, owner, dataBy, signal } = options
  const tree = new Tree(root, owner)
  const settings = settingsRecord(plan.cloudId)
  tree.write(settings.path, settings.content)
  for (const area of ['workload_transfers', 'contego_tasks']) tree.makeFolder(area)
  const secrets: PlannedSecret[] = []
  let done = 0
  let breathedMs = performance.now()
  for (const workload of plan.workloads()) {
    if (workload.secret !== undefined) secrets.push(workload.secret)
    const images =
      dataBy === undefined
        ? writeMetadata(tree, workload, shape.networks)
        : writeData(dataBy, tree, workload, {
            hasNetworks: shape.networks,
            makeFolder: options.makeFolder ?? makeFolder,
            ...(signal && { signal }),
          })
    for await (const count of images) {
      done += count
      if (performance.now() - breathedMs < 50) continue
      options.onProgress?.(done, plan.totals.images)
      // Signals are heard, and progress is drawn.
      await setImmediate()
      signal?.throwIfAborted()
      breathedMs = performance.now()
    }
    tree.forget()
  }
  return secrets
}

/** What opens the images, by the id that `workload_db` has of it. */
function secretsText(secrets: readonly PlannedSecret[]): string {
  return `${JSON.stringify(Object.fromEntries(secrets.map(({ id, ...secret }) => [id, secret])), undefined, 2)}\n`
}
