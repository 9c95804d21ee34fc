import { chmod, chown, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { settingsRecord } from '../backup/records.ts'
import { DrillError, InputError } from '../errors.ts'
import { CommandError, type Shell } from '../shell/shell.ts'
import { writeData } from './data.ts'
import { checkDataNeeds } from './data-needs.ts'
import { writeMetadata } from './metadata.ts'
import {
  areApart,
  couldNotWrite,
  type FolderMaker,
  makeDisposableFolder,
  moveIntoPlace,
  type Placement,
  placementFor,
} from './placement.ts'
import type { TargetShape } from './shape.ts'
import type { Totals } from './skeleton.ts'
import { type PlannedSecret, planTarget, type TargetPlan } from './target-plan.ts'
import { type Owner, TreeWriter } from './tree-writer.ts'

export interface CreateOptions {
  /** Does not exist, or is empty. */
  readonly directory: string
  /** As `readShape` returns it. */
  readonly shape: TargetShape
  /** Folder for the secrets of encrypted workloads, outside the target. Default: the target's path with `.secrets`. */
  readonly secretsFolder?: string
  /** Owner of all files of the target. Default: the user who runs this. */
  readonly owner?: Owner
  /** Shell on this machine that runs qemu-img and Python. Default: images hold no data. */
  readonly dataBy?: Shell
  /** Default: folders that a killed process leaves behind. */
  readonly makeFolder?: FolderMaker
  /** Called with the number of images that are written, and of all images. */
  readonly onProgress?: (done: number, total: number) => void
  readonly signal?: AbortSignal
}

export interface CreatedTarget extends Totals {
  readonly directory: string
  readonly seed: string
  readonly originPaths: readonly string[]
  /** Holds a file for each secret, named by its id. Undefined if no workload is encrypted. */
  readonly secretsFolder?: string
}

/**
 * Creates a target of a shape. It is written to a draft folder and moved into place when it is complete. An incomplete
 * draft is removed.
 * @throws InputError; MachineError if it cannot be written; the signal's reason
 */
export async function createTarget(options: CreateOptions): Promise<CreatedTarget> {
  const { shape, owner, signal, makeFolder = makeDisposableFolder } = options
  const directory = resolve(options.directory)
  if (owner !== undefined && process.getuid?.() !== 0)
    throw new InputError('only root can give files to another user', { remedy: 'Leave out --owner, or run as root.' })
  const plan = planTarget(shape)
  const target = placementFor(directory)
  const secrets = secretsPlacement(directory, options)
  if (options.dataBy !== undefined) await checkDataNeeds(options.dataBy, shape, target.draft)
  const moved: string[] = []
  try {
    await using _target = await makeFolder(target.draft)
    await using _secrets = secrets && (await makeFolder(secrets.draft))
    if (owner !== undefined) await chown(target.draft, owner.uid, owner.gid)
    if (secrets !== undefined) await chmod(secrets.draft, 0o700)
    for await (const { id, payload } of fill(target.draft, plan, options))
      if (secrets !== undefined) await writeFile(join(secrets.draft, id), payload, { mode: 0o600, flag: 'wx' })
    for (const placement of secrets === undefined ? [target] : [secrets, target])
      moveIntoPlace(placement, (path) => moved.push(path))
    return {
      directory,
      ...plan.totals,
      seed: shape.seed,
      originPaths: plan.originPaths,
      ...(secrets !== undefined && { secretsFolder: secrets.directory }),
    }
  } catch (cause) {
    for (const path of moved) await rm(path, { recursive: true, force: true })
    if (signal?.aborted === true) throw signal.reason
    throw cause instanceof DrillError && !(cause instanceof CommandError) ? cause : couldNotWrite(directory, cause)
  }
}

/** Undefined if no workload is encrypted. @throws InputError */
function secretsPlacement(directory: string, { shape, secretsFolder }: CreateOptions): Placement | undefined {
  if (shape.encrypted === 0) {
    if (secretsFolder === undefined) return undefined
    throw new InputError('no workload is encrypted, so there are no secrets', {
      remedy: 'Add --encrypted 1, or leave out --secrets.',
    })
  }
  const folder = resolve(secretsFolder ?? `${directory}.secrets`)
  if (areApart(folder, directory)) return placementFor(folder)
  throw new InputError(`the secrets ${folder} and the target ${directory} must not contain each other`, {
    remedy: 'Name a folder beside the target with --secrets.',
  })
}

/** Writes a target, and yields the secrets of its workloads. */
async function* fill(root: string, plan: TargetPlan, options: CreateOptions): AsyncGenerator<PlannedSecret> {
  const { shape, owner, dataBy, signal, makeFolder = makeDisposableFolder } = options
  const tree = new TreeWriter(root, owner)
  const settings = settingsRecord(plan.cloudId)
  tree.write(settings.path, settings.content)
  for (const area of ['workload_transfers', 'contego_tasks']) tree.makeFolder(area)
  let done = 0
  let breathedMs = performance.now()
  for (const workload of plan.workloads()) {
    if (workload.secret !== undefined) yield workload.secret
    const images =
      dataBy === undefined
        ? writeMetadata(tree, workload, shape.networks)
        : writeData(dataBy, tree, workload, { hasNetworks: shape.networks, makeFolder, ...(signal && { signal }) })
    for await (const count of images) {
      done += count
      if (performance.now() - breathedMs < 50) continue
      options.onProgress?.(done, plan.totals.images)
      // Lets the process handle signals and draw its progress.
      await setImmediate()
      signal?.throwIfAborted()
      breathedMs = performance.now()
    }
    tree.forget()
  }
}
