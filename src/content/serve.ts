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
}

const sectorBytes = 512
/** Linux's limit, with the zero at the end. */
const maxArgumentBytes = 128 * 1024 - 1
/** QEMU says nothing while it opens a chain, link by link. */
const openingLinkMs = 250

/**
 * Digests what a server of its own gives of a chain.
 * @throws LinkError; the signal's reason
 */
export async function digestThroughServer(
  links: readonly CheckedLink[],
  lanes: Lanes,
  { program, secrets, stallMs, signal, onProgress }: ServeOptions,
): Promise<DiskDigest> {
  const command = serverCommand(program, links, secrets, lanes.count + 1)
  if (command.some((argument) => Buffer.byteLength(argument) > maxArgumentBytes))
    throw new LinkError('unknown', `a chain of ${links.length} links is longer than a command line`)
  await using server = new NbdServer(command)
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  aborted.catch(() => {})
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    signal.throwIfAborted()
    return await Promise.race([aborted, digest(server, links, lanes, { stallMs, onProgress })])
  } catch (error) {
    if (signal.aborted || error instanceof LinkError) throw error
    // A server that is gone may be about to say why.
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
  { stallMs, onProgress }: Pick<ServeOptions, 'stallMs' | 'onProgress'>,
): Promise<DiskDigest> {
  const openingMs = stallMs + links.length * openingLinkMs
  const socket = await unlessStalled(openingMs, () => server.ready())
  if (socket === undefined) throw describeRefusal(server, links)
  using client = await connect(server, socket, links, openingMs)
  const sizeBytes = links[0]?.header.virtualSizeBytes ?? 0
  // QEMU has disks in whole sectors.
  if (client.export.sizeBytes !== sizeBytes - (sizeBytes % sectorBytes))
    throw new LinkError('unknown', `QEMU sees a disk of ${client.export.sizeBytes} bytes, and its header ${sizeBytes}`)
  using disk = await lanes.open(socket, stallMs)
  return await digestDisk(client, disk, onProgress)
}

/** QEMU listens before it opens the image, and answers after. */
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
  const said = server.said === '' ? '' : `: ${server.said}`
  return new LinkError('unknown', `it was not read to its end, ${message}${said}`)
}

/** QEMU did not open it, and has ended. */
function describeRefusal(server: NbdServer, links: readonly CheckedLink[]): LinkError {
  // What it says begins with the name that it was given, which is the whole graph.
  const said = server.said.replace(/\s*'json:.*\}'/s, '').replace(/^qemu-nbd: /, '')
  const [, ofTheImage] = /^Failed to blk_new_open: (.*)$/s.exec(said) ?? []
  if (/invalid password/i.test(said)) {
    const ids = new Set(links.flatMap(({ secretId }) => secretId ?? []))
    return new LinkError('unknown', `the secret ${[...ids].join(' or ')} does not open it`)
  }
  if (/permission denied/i.test(said)) return new LinkError('unknown', said, { reason: 'permission denied' })
  // For want of memory, files or a feature, nothing is wrong with the image.
  const isBroken = ofTheImage !== undefined && !/memory|too many|input\/output|support|unknown/i.test(ofTheImage)
  return new LinkError(isBroken ? 'broken' : 'unknown', `QEMU does not open it: ${ofTheImage ?? said}`)
}
