import { withinBounds } from '../image/bounds.ts'
import type { CheckedLink } from './check-link.ts'
import { type DiskDigest, digestDisk } from './digest-disk.ts'
import type { Lanes } from './lanes.ts'
import { LinkError } from './link-error.ts'
import { NbdClient } from './nbd/nbd-client.ts'
import { DisconnectedError } from './nbd/protocol.ts'
import { NbdServer } from './nbd-server.ts'
import { failureOf, ReadError, type ReadFailure } from './read-failure.ts'
import type { QemuSecret } from './secret-files.ts'
import { serverCommand } from './server-command.ts'
import { unlessStalled } from './stall.ts'

export interface ServeOptions {
  readonly program: readonly [string, ...string[]]
  readonly secrets: readonly (QemuSecret | undefined)[]
  readonly stallMs: number
  readonly signal: AbortSignal
  readonly onProgress: (bytes: number) => void
  readonly beforeReading: (bytes: number) => Promise<void>
}

const sectorBytes = 512
/** The limit of Linux for one argument, with the final zero. */
const maxArgumentBytes = 128 * 1024 - 1
/** QEMU is silent while it opens a chain, link by link. */
const openingLinkMs = 250

/**
 * Digests the content of a chain through a server of its own.
 * @throws LinkError; the signal's reason
 */
export async function digestThroughServer(
  links: readonly CheckedLink[],
  lanes: Lanes,
  { program, secrets, stallMs, signal, onProgress, beforeReading }: ServeOptions,
): Promise<DiskDigest> {
  const command = serverCommand(program, links, secrets, lanes.count + 1)
  if (command.some((argument) => Buffer.byteLength(argument) > maxArgumentBytes))
    throw new LinkError('unknown', `a chain of ${links.length} links does not fit a command line`)
  const sizeBytes = links[0]?.header.virtualSizeBytes ?? 0
  await using server = await NbdServer.start(withinBounds(command, { links: links.length + lanes.count, sizeBytes }))
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  aborted.catch(() => {})
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    signal.throwIfAborted()
    return await Promise.race([aborted, digest(server, links, lanes, { stallMs, onProgress, beforeReading })])
  } catch (error) {
    if (signal.aborted || error instanceof LinkError) throw error
    // A server that exited may still be about to print the reason.
    await server.hasEnded()
    throw describe(error instanceof ReadError ? error.failure : failureOf(error), server)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

async function digest(
  server: NbdServer,
  links: readonly CheckedLink[],
  lanes: Lanes,
  { stallMs, ...calls }: Pick<ServeOptions, 'stallMs' | 'onProgress' | 'beforeReading'>,
): Promise<DiskDigest> {
  const openingMs = stallMs + links.length * openingLinkMs
  const socket = await unlessStalled(openingMs, () => server.ready())
  if (socket === undefined) throw describeRefusal(server, links)
  using client = await connect(server, socket, links, openingMs)
  const sizeBytes = links[0]?.header.virtualSizeBytes ?? 0
  // QEMU rounds a disk down to whole sectors.
  if (client.export.sizeBytes !== sizeBytes - (sizeBytes % sectorBytes))
    throw new LinkError(
      'unknown',
      `QEMU reports a disk of ${client.export.sizeBytes} bytes, but its header ${sizeBytes}`,
    )
  using disk = await lanes.open(socket, stallMs)
  return await digestDisk(client, disk, calls)
}

/** QEMU listens before it opens the image, and answers afterwards. */
async function connect(
  server: NbdServer,
  socket: string,
  links: readonly CheckedLink[],
  stallMs: number,
): Promise<NbdClient> {
  try {
    return await NbdClient.connect(socket, stallMs)
  } catch (error) {
    if (error instanceof DisconnectedError && (await server.hasEnded())) throw describeRefusal(server, links)
    throw error
  }
}

function describe(failure: ReadFailure, server: NbdServer): LinkError {
  const { kind, message } = failure
  if (kind === 'unreadable') return new LinkError('broken', message)
  if (kind === 'stalled') return new LinkError('unknown', message, { reason: 'not answering' })
  const details = server.errorOutput === '' ? '' : `: ${server.errorOutput}`
  return new LinkError('unknown', `it was not read to its end: ${message}${details}`)
}

/** Describes why QEMU did not open the chain, and exited. */
function describeRefusal(server: NbdServer, links: readonly CheckedLink[]): LinkError {
  // Its message begins with the name of the chain, which holds all files.
  const output = server.errorOutput.replace(/\s*'json:.*\}'/s, '').replace(/^qemu-nbd: /, '')
  const [, ofTheImage] = /^Failed to blk_new_open: (.*)$/s.exec(output) ?? []
  if (/invalid password/i.test(output)) {
    const ids = new Set(links.flatMap(({ secretId }) => secretId ?? []))
    return new LinkError('unknown', `the secret ${[...ids].join(' or ')} does not open it`)
  }
  if (/permission denied/i.test(output)) return new LinkError('unknown', output, { reason: 'permission denied' })
  // A lack of memory, files or a feature is not a defect of the image.
  const isBroken = ofTheImage !== undefined && !/memory|too many|input\/output|support|unknown/i.test(ofTheImage)
  return new LinkError(isBroken ? 'broken' : 'unknown', `QEMU cannot open it: ${ofTheImage ?? output}`)
}
