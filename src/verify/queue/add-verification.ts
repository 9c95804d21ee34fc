import { randomUUID } from 'node:crypto'
import type { Queue } from './queue.ts'
import { priorityOf } from './slicing.ts'
import type { OpenVerification, Slice } from './store.ts'

export interface NewVerification extends Pick<OpenVerification, 'tool' | 'since' | 'targets' | 'selection'> {
  /** Identifies the targets and the options. */
  readonly key: string
}

/** Returns the verification with a key that was not judged yet. */
export async function findOpen(key: string, { store }: Queue): Promise<OpenVerification | undefined> {
  return (await store.openVerifications()).find((one) => one.queue === queueOf(key))
}

const queueOf = (key: string): string => `verify-${key.slice(0, 24)}`

/** Adds a verification with its slices and their jobs, in one transaction, unless another process has added it. */
export async function addVerification(
  { key, tool, since, targets, selection }: NewVerification,
  slices: readonly Slice[],
  queue: Queue,
  signal: AbortSignal,
): Promise<OpenVerification> {
  const disks = slices.reduce((sum, { manifest }) => sum + manifest.disks.length, 0)
  const bytes = slices.reduce((sum, one) => sum + one.bytes, 0)
  const facts = { tool, since, targets, selection, disks, bytes, begunAt: new Date() }
  const one = { id: randomUUID(), queue: queueOf(key), ...facts }
  await queue.jobs.ensure(one.queue)
  const isAdded = await queue.database.transaction(async (client) => {
    const { rowCount } = await client.query(
      `insert into dr_drill.verifications (id, key, queue, tool, since, targets, selection, disks, bytes)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
      [one.id, key, one.queue, tool, since, JSON.stringify(targets), selection, disks, bytes],
    )
    if (rowCount === 0) return false
    for (const { digest, manifest, bytes: toRead } of slices) {
      signal.throwIfAborted()
      await client.query(
        'insert into dr_drill.slices (verification, digest, manifest, disks, bytes) values ($1, $2, $3, $4, $5)',
        [one.id, digest, JSON.stringify(manifest), manifest.disks.length, toRead],
      )
    }
    const jobs = slices.map((slice) => ({
      verification: one.id,
      digest: slice.digest,
      priority: priorityOf(slice),
    }))
    await queue.jobs.add(one.queue, jobs, client)
    return true
  }, signal)
  return isAdded ? one : ((await findOpen(key, queue)) ?? one)
}
