import type { ContentResult, ReadContent } from '../assess/judge/content-port.ts'
import type { CheckedLink } from './check-link.ts'
import { Lanes } from './lanes.ts'
import { LinkChecks } from './link-checks.ts'
import { LinkError } from './link-error.ts'
import { defaultStallMs } from './nbd/nbd-client.ts'
import { findSecrets, type SecretFiles } from './secret-files.ts'
import { digestThroughServer } from './serve.ts'

export interface ContentReaderOptions {
  readonly secrets?: SecretFiles
  /** How long reading may make no progress. Default: 30 000. */
  readonly stallMs?: number
  /** The NBD server, with arguments that precede all others. Default: `qemu-nbd`. */
  readonly program?: readonly [string, ...string[]]
  /** Number of threads that read and hash. */
  readonly threads?: number
}

/**
 * Reads chains through `qemu-nbd`, which opens exactly the given files, read-only and without locks, and ends with this
 * process. Images whose file was cut:
 * - a table or cluster at or beyond the end: `broken`, before QEMU opens it
 * - an end within a cluster in use: `read`, with a `doubt`. QEMU reads zeroes for the rest without an error. If the
 * digest is the recorded one, the rest was zeroes. Otherwise the image must not pass for restorable.
 *
 * A chain is named on a command line, which limits it to about 400 links. QEMU needs 0.5 s to open 100 links, and 10 s
 * for 300.
 */
export function contentReader({
  secrets: files = new Map(),
  stallMs = defaultStallMs,
  program = ['qemu-nbd'],
  threads,
}: ContentReaderOptions = {}): ReadContent {
  const lanes = new Lanes(threads)
  const checks = new LinkChecks()
  return async (links, { signal, onProgress = () => {}, beforeReading = async () => {} }) => {
    try {
      if (links.length === 0) throw new LinkError('unknown', 'a chain without images')
      const checked = await checks.request({ do: 'check', links, stallMs }, signal)
      const secrets = await findSecrets(checked, files)
      const identify = () => checks.request({ do: 'identify', links, stallMs }, signal)
      return await whileUnchanged(checked, identify, async () => {
        const options = { program, secrets, stallMs, signal, onProgress, beforeReading }
        const read = await digestThroughServer(checked, lanes, options)
        const [doubt] = checked.flatMap(doubtsAbout)
        return { kind: 'read', ...read, ...(doubt !== undefined && { doubt }) }
      })
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof LinkError) return { kind: error.kind, reason: error.reason, why: error.message }
      return { kind: 'unknown', reason: 'unknown', why: (error as Error).message }
    }
  }
}

/** A file that changed explains any error, and invalidates any result. */
async function whileUnchanged(
  links: readonly CheckedLink[],
  identify: () => Promise<readonly string[]>,
  read: () => Promise<ContentResult>,
): Promise<ContentResult> {
  const [outcome] = await Promise.allSettled([read()])
  const now = await identify()
  const changed = links.find(({ identity }, nth) => identity !== now[nth])
  if (changed !== undefined) throw new LinkError('unknown', `${changed.path} changed while it was read`)
  if (outcome.status === 'rejected') throw outcome.reason
  return outcome.value
}

function doubtsAbout({ path, doubt, header }: CheckedLink): readonly string[] {
  const cipher = header.encryption === 'aes' ? [`nothing in ${path} proves that the secret is the right one`] : []
  return [...(doubt === undefined ? [] : [doubt]), ...cipher]
}
