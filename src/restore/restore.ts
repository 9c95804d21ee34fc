import type { ImageRecord } from '../backup/catalog.ts'
import type { RestoreRecord } from '../journal/journal.ts'
import { derive } from '../reason/derive.ts'
import type { Evidence } from '../reason/evidence.ts'
import { type ReadChain, type ReadChainsOptions, readChains } from './read-chains.ts'

export interface RestoreOptions extends Omit<ReadChainsOptions, 'beforeReading'> {
  readonly site: string
  /** Returns the absolute path of an image at this site, below the mount path of its share. */
  readonly pathOf: (image: ImageRecord) => string
  /** Directory on the node that the user can write to. Disks are read out into it, digested and removed. */
  readonly workDirectory: string
  /** Returns the id of the next restore. */
  readonly nextId: () => string
}

export interface Restored {
  readonly record: RestoreRecord
  readonly evidence: Evidence
}

/**
 * Restores images one after another, as the product does. The content alone decides the outcome.
 *
 * @throws ShellError if a node cannot be reached; CommandError if restores cannot even be tried there
 */
export async function restore(images: readonly ImageRecord[], options: RestoreOptions): Promise<readonly Restored[]> {
  const { appliance, node, pathOf, workDirectory, site } = options
  const tasks = images.map((image) => {
    const id = options.nextId()
    return { id, image, path: pathOf(image), disk: `${workDirectory}/${id}.raw` }
  })
  const read = await readChains(tasks, options)
  return tasks.map(({ id, image }) => {
    const place = { id, site, node: node.where, sizedOn: appliance.where }
    return judgeRestore(place, image, read.get(id) ?? { attempts: [], succeeded: false })
  })
}

/** Returns the record of a restore. Its content, as `digest` has it, decides the outcome. */
export function judgeRestore(
  place: Pick<RestoreRecord, 'id' | 'site' | 'node' | 'sizedOn' | 'askedBy'>,
  image: ImageRecord,
  { attempts, digest, observation, succeeded }: ReadChain,
): Restored {
  const evidence: Evidence = {
    attempts,
    recordedDigest: image.digest,
    ...(digest === undefined ? {} : { restoredDigest: digest }),
    ...(observation === undefined ? {} : { observation }),
  }
  const reason = derive(evidence)
  const durationMs = attempts.reduce((sum, attempt) => sum + (attempt.command?.durationMs ?? 0), 0)
  const record: RestoreRecord = {
    ...place,
    image,
    outcome: reason === undefined ? 'restored' : 'failed',
    ...(digest === undefined ? {} : { digest }),
    toolSucceeded: succeeded,
    ...(reason === undefined ? {} : { reason }),
    durationMs: Math.round(durationMs),
  }
  return { record, evidence }
}
