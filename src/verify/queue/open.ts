import { Database } from './database.ts'
import { Jobs, type JobsOptions } from './jobs.ts'
import type { Queue } from './queue.ts'
import { QueueStore } from './store.ts'

/**
 * Opens the queue in a database, and creates its tables if they do not exist.
 * @param onAway takes a message when the database is away
 * @throws InputError for a wrong address, a refused user, or tables of another version
 */
export async function openQueue(
  url: string,
  onAway: (message: string) => void,
  options: JobsOptions = {},
): Promise<Queue & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await Database.open(url, onAway))
  const store = await QueueStore.open(database)
  const jobs = stack.use(await Jobs.open(database, options))
  const owned = stack.move()
  return { database, store, jobs, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
