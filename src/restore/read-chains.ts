import { describeChain, readOut } from '../image/qemu.ts'
import type { Attempt, ChainObservation } from '../reason/evidence.ts'
import type { Shell, User } from '../shell/shell.ts'
import { type JobOutcome, runBatch } from './batch.ts'
import { observeChains } from './observe-chains.ts'

/** An image to read, and the disk on the node that it is read out to. */
export interface ChainTask {
  readonly id: string
  /** The absolute path of the image, below the mount path of its share. */
  readonly path: string
  readonly disk: string
  /** True to keep the disk, which is not digested. Default: it is digested and removed. */
  readonly keepsDisk?: boolean
}

export interface ReadChainsOptions {
  /** The node that sizes the chains. */
  readonly appliance: Shell
  /** The node that reads them out. */
  readonly node: Shell
  /** The product's user. Never root, which never gets *Permission denied*. */
  readonly user: User
  /** The mount paths that images and the names in them may lead to: nothing else is opened. */
  readonly roots: readonly string[]
  /** A task is stopped after so long without progress. Default: 30 000. */
  readonly stallMs?: number
  readonly signal?: AbortSignal
  /** Called between the two parts, if there is a chain to read out. The second part waits for it. */
  readonly beforeReading?: () => Promise<void>
}

/** What became of a task. */
export interface ReadChain {
  readonly attempts: readonly Attempt[]
  /** Content digest of the disk. Undefined if it was not read out, or is kept. */
  readonly digest?: string
  /** The chain on the node where it failed. */
  readonly observation?: ChainObservation
  /** True if `qemu-img` exited with 0 for both parts. */
  readonly succeeded: boolean
}

/**
 * Reads images out one after another, each in two parts, as the product does: the appliance sizes the chain, the node
 * reads it out. Returns what became of every task.
 *
 * @throws ShellError if a node cannot be reached; CommandError if nothing can even be tried there
 */
export async function readChains(
  tasks: readonly ChainTask[],
  { appliance, node, user, roots, stallMs = 30_000, signal, beforeReading }: ReadChainsOptions,
): Promise<ReadonlyMap<string, ReadChain>> {
  const abortable = signal === undefined ? {} : { signal }
  const shared = { user, stallMs, ...abortable }
  const sized = await runBatch(
    appliance,
    tasks.map(({ id, path }) => ({ id, argv: describeChain(path), chain: { image: path, roots } })),
    { ...shared, part: 'sizing' },
  )
  const readable = tasks.filter(({ id }) => isSuccess(sized.get(id)))
  if (readable.length > 0) await beforeReading?.()
  const read = await runBatch(
    node,
    readable.map(({ id, path, disk, keepsDisk = false }) => ({
      id,
      argv: readOut(path, disk),
      chain: { image: path, roots },
      disk,
      keepsDisk,
    })),
    { ...shared, part: 'reading' },
  )
  const failedOn = (outcomes: ReadonlyMap<string, JobOutcome>) =>
    tasks.filter(({ id }) => isToObserve(outcomes.get(id))).map(({ path }) => path)
  const look = { user, roots, ...abortable }
  const [seenByAppliance, seenByNode] = await Promise.all([
    observeChains(appliance, failedOn(sized), look),
    observeChains(node, failedOn(read), look),
  ])
  return new Map(
    tasks.map(({ id, path }): [string, ReadChain] => {
      const outcomes = [sized.get(id), read.get(id)].filter((outcome) => outcome !== undefined)
      const digest = read.get(id)?.digest
      const observation = seenByAppliance.get(path) ?? seenByNode.get(path)
      return [
        id,
        {
          attempts: outcomes.map(({ attempt }) => attempt),
          ...(digest !== undefined && { digest }),
          ...(observation !== undefined && { observation }),
          succeeded: outcomes.length === 2 && outcomes.every(isSuccess),
        },
      ]
    }),
  )
}

/** A refusal is an observation itself, and following the names further would open what they lead to. */
function isToObserve(outcome: JobOutcome | undefined): boolean {
  return outcome !== undefined && !isSuccess(outcome) && outcome.attempt.refusal === undefined
}

function isSuccess(outcome: JobOutcome | undefined): boolean {
  return outcome?.attempt.ended === 'exited' && outcome.attempt.exitCode === 0
}
