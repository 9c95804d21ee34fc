import type { ContentResult, ReadContent } from '../assess/judge/content-port.ts'
import type { CheckedLink } from './check-link.ts'
import { Lanes } from './lanes.ts'
import { LinkError } from './link-error.ts'
import { LinkLooks } from './link-looks.ts'
import { defaultStallMs } from './nbd/nbd-client.ts'
import { findSecrets, type SecretFiles } from './secret-files.ts'
import { digestThroughServer } from './serve.ts'

export interface ContentReaderOptions {
  readonly secrets?: SecretFiles
  /** How long nothing may come of what is read. Default 30 000. */
  readonly stallMs?: number
  /** What serves NBD, with arguments that come before all others. Default `qemu-nbd`. */
  readonly program?: readonly [string, ...string[]]
  /** Threads that read and hash. */
  readonly threads?: number
}

/**
 * Reads chains through `qemu-nbd`, which opens exactly the files that it is given, read-only and without a lock, and is
 * gone when this process is. What is said of an image whose file was cut:
 * - a table or cluster that is at or beyond the end: `broken`, before QEMU sees it
 * - an end within a cluster that is in use: `read`, with a `doubt`. QEMU reads the rest as zeroes and says nothing. The
 *   digest is right if it is the recorded one, for then the rest was zeroes; if it is another, or none was recorded, the
 *   image must not be taken for restorable.
 *
 * A chain is named on a command line: one of about 400 links is the longest, and QEMU, which makes up names for each of
 * its parts, takes 10 s to open 300 (100: half a second).
 */
export function contentReader({
  secrets: files = new Map(),
  stallMs = defaultStallMs,
  program = ['qemu-nbd'],
  threads,
}: ContentReaderOptions = {}): ReadContent {
  const lanes = new Lanes(threads)
  const looks = new LinkLooks()
  return async (links, { signal, onProgress = () => {} }) => {
    try {
      if (links.length === 0) throw new LinkError('unknown', 'a chain without an image')
      const checked = await looks.ask({ do: 'check', links, stallMs }, signal)
      const secrets = await findSecrets(checked, files)
      const identify = () => looks.ask({ do: 'identify', links, stallMs }, signal)
      return await whileUnchanged(checked, identify, async () => {
        const options = { program, secrets, stallMs, signal, onProgress }
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

/** A file that changed explains whatever went wrong with it, and takes the worth from what went well. */
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
  const cipher = header.encryption === 'aes' ? [`nothing in ${path} tells whether the secret is the right one`] : []
  return [...(doubt === undefined ? [] : [doubt]), ...cipher]
}
