import { randomUUID } from 'node:crypto'
import { lstatSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { settingsRecord } from '../backup/records.ts'
import { DrillError, InputError, MachineError } from '../errors.ts'
import type { Shell } from '../shell/shell.ts'
import { writeData } from './data.ts'
import { writeMetadata } from './metadata.ts'
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
  const isThere = isEmptyFolder(directory)
  if (options.shape.encrypted > 0) refuseExisting(secretsFile)
  // Where the folder is there already, it may be a mount point: what it holds can be moved, it cannot.
  if (options.dataBy !== undefined) checkForData(options.shape)
  const draft = join(isThere ? directory : dirname(directory), `.${basename(directory)}.${randomUUID().slice(0, 8)}`)
  let hasSecretsFile = false
  try {
    await mkdir(draft)
    const secrets = await fill(draft, plan, options)
    if (secrets.length > 0) {
      await writeFile(secretsFile, secretsText(secrets), { mode: 0o600, flag: 'wx' })
      hasSecretsFile = true
    }
    if (isThere) {
      for (const name of readdirSync(draft)) renameSync(join(draft, name), join(directory, name))
      rmSync(draft, { recursive: true })
    } else renameSync(draft, directory)
    return {
      directory,
      ...plan.totals,
      seed: options.shape.seed,
      originPaths: plan.originPaths,
      ...(secrets.length > 0 && { secretsFile }),
    }
  } catch (cause) {
    await rm(draft, { recursive: true, force: true })
    if (hasSecretsFile) await rm(secretsFile, { force: true })
    throw cause instanceof DrillError || options.signal?.aborted === true ? cause : couldNotWrite(directory, cause)
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
        : writeData(dataBy, tree, workload, { hasNetworks: shape.networks, ...(signal && { signal }) })
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

/** What happens to disks needs room on them. */
function checkForData({ diskSize, snapshots }: Shape): void {
  if (diskSize.min < 2 ** 30) throw new InputError('diskSize: with data, a disk has 1GiB at least')
  if (snapshots > 100) throw new InputError('snapshots: with data, 100 at most')
}

/** What opens the images, by the id that `workload_db` has of it. */
function secretsText(secrets: readonly PlannedSecret[]): string {
  return `${JSON.stringify(Object.fromEntries(secrets.map(({ id, ...secret }) => [id, secret])), undefined, 2)}\n`
}

/** Whether the folder exists and is empty; a mount point's `lost+found` does not count. */
function isEmptyFolder(directory: string): boolean {
  const refuse = (why: string, remedy: string, cause?: unknown) =>
    new InputError(`${directory}: ${why}`, { remedy, cause })
  try {
    if (readdirSync(directory).every((name) => name === 'lost+found')) return true
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' && isFolder(dirname(directory))) return false
    if (code === 'ENOENT')
      throw refuse('the folder that it would be in does not exist', `mkdir -p ${dirname(directory)}`)
    if (code === 'ENOTDIR') throw refuse('is there, and is no folder', 'name a folder that does not exist yet')
    throw refuse((cause as Error).message, 'name a folder that can be read and written', cause)
  }
  throw refuse('is not empty: nothing is written over what is there', 'name a folder that does not exist yet')
}

function refuseExisting(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return
  throw new InputError(`${file}: is there already: nothing is written over it`, { remedy: `rm ${file}` })
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function couldNotWrite(directory: string, cause: unknown): MachineError {
  const { code, message } = cause as NodeJS.ErrnoException
  const why = code === 'ENOSPC' || code === 'EDQUOT' ? 'the disk is full' : message
  return new MachineError('target-not-written', `${directory}: could not be written: ${why}`, {
    cause,
    remedy: 'Nothing of it was left. An image takes 16 KiB on disk at most, a snapshot about as much for its records.',
  })
}
