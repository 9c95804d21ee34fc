import type { ImageRecord } from '../backup/catalog.ts'
import { describeChain, readOut } from '../image/qemu.ts'
import type { RestoreRecord } from '../journal/journal.ts'
import { derive } from '../reason/derive.ts'
import type { Evidence } from '../reason/evidence.ts'
import type { Shell, User } from '../shell/shell.ts'
import { type JobOutcome, runBatch } from './batch.ts'
import { observeChains } from './observe-chains.ts'

export interface RestoreOptions {
  readonly site: string
  /** The node that sizes the chains. */
  readonly appliance: Shell
  /** The node that reads them out. */
  readonly node: Shell
  /** The product's user. Never root, which never gets *Permission denied*. */
  readonly user: User
  /** Returns the absolute path of an image at this site, below the mount path of its share. */
  readonly pathOf: (image: ImageRecord) => string
  /** The mount paths that images and the names in them may lead to: nothing else is opened. */
  readonly roots: readonly string[]
  /** Directory on the node that the user can write to. Disks are read out into it, digested and removed. */
  readonly workDirectory: string
  /** A restore is stopped after so long without progress. Default: 30 000. */
  readonly stallMs?: number
  readonly signal?: AbortSignal
  /** Returns the id of the next restore. */
  readonly nextId: () => string
}

export interface Restored {
  readonly record: RestoreRecord
  readonly evidence: Evidence
}

/**
 * Restores images one after another, each in two parts, as the product does: the appliance sizes the chain, the node
 * reads it out. The content alone decides the outcome.
 *
 * @throws ShellError if a node cannot be reached; CommandError if restores cannot even be tried there
 */
export async function restore(images: readonly ImageRecord[], options: RestoreOptions): Promise<readonly Restored[]> {
  const { appliance, node, user, pathOf, roots, workDirectory, stallMs = 30_000, signal } = options
  const shared = { user, stallMs, ...(signal === undefined ? {} : { signal }) }
  const tasks = images.map((image) => ({ id: options.nextId(), image, path: pathOf(image) }))

  const sized = await runBatch(
    appliance,
    tasks.map(({ id, path }) => ({ id, argv: describeChain(path), chain: { image: path, roots } })),
    { ...shared, part: 'sizing' },
  )
  const readable = tasks.filter(({ id }) => isSuccess(sized.get(id)))
  const read = await runBatch(
    node,
    readable.map(({ id, path }) => {
      const disk = `${workDirectory}/${id}.raw`
      return { id, argv: readOut(path, disk), chain: { image: path, roots }, disk }
    }),
    { ...shared, part: 'reading' },
  )
  const failedOn = (outcomes: ReadonlyMap<string, JobOutcome>) =>
    tasks.filter(({ id }) => isToObserve(outcomes.get(id))).map(({ path }) => path)
  const look = { user, roots, ...(signal === undefined ? {} : { signal }) }
  const [seenByAppliance, seenByNode] = await Promise.all([
    observeChains(appliance, failedOn(sized), look),
    observeChains(node, failedOn(read), look),
  ])

  return tasks.map(({ id, image, path }) => {
    const outcomes = [sized.get(id), read.get(id)].filter((outcome) => outcome !== undefined)
    const digest = read.get(id)?.digest
    const observation = seenByAppliance.get(path) ?? seenByNode.get(path)
    const evidence: Evidence = {
      attempts: outcomes.map(({ attempt }) => attempt),
      recordedDigest: image.digest,
      ...(digest === undefined ? {} : { restoredDigest: digest }),
      ...(observation === undefined ? {} : { observation }),
    }
    const reason = derive(evidence)
    const durationMs = outcomes.reduce((sum, { attempt }) => sum + (attempt.command?.durationMs ?? 0), 0)
    const record: RestoreRecord = {
      id,
      image,
      site: options.site,
      node: node.where,
      sizedOn: appliance.where,
      outcome: reason === undefined ? 'restored' : 'failed',
      ...(digest === undefined ? {} : { digest }),
      toolSucceeded: outcomes.length === 2 && outcomes.every(isSuccess),
      ...(reason === undefined ? {} : { reason }),
      durationMs: Math.round(durationMs),
    }
    return { record, evidence }
  })
}

/** A refusal is an observation itself, and following the names further would open what they lead to. */
function isToObserve(outcome: JobOutcome | undefined): boolean {
  return outcome !== undefined && !isSuccess(outcome) && outcome.attempt.refusal === undefined
}

function isSuccess(outcome: JobOutcome | undefined): boolean {
  return outcome?.attempt.ended === 'exited' && outcome.attempt.exitCode === 0
}
