import { ByteStream } from './byte-stream.ts'
import { type Export, negotiate } from './negotiation.ts'
import {
  chunk,
  command,
  DisconnectedError,
  dontFragment,
  encodeRequest,
  extentReadsAsZeroes,
  ProtocolError,
  ReplyError,
  type Request,
  StalledError,
  simpleReplyMagic,
  structuredReplyMagic,
} from './protocol.ts'

/** A part of the disk, and whether it reads as zeroes. */
export interface Extent {
  readonly offset: number
  readonly lengthBytes: number
  readonly isZero: boolean
}

/** What a server that is asked for no more may have to say: QEMU's limit is 1 MiB of extents. */
const maxExtentsBytes = 4 * 2 ** 20
const maxErrorBytes = 64 * 1024
/** In how many pieces the reply to one request may come. */
const maxPieces = 2048

/** How long a server may say nothing at all while something is asked of it. */
export const defaultStallMs = 30_000

/** A request whose reply is not complete. */
interface Open {
  readonly request: Request
  readonly target?: Uint8Array
  /** Bytes of `target` that have come. */
  filled: number
  /** They came in pieces: which, so that none of them comes twice. */
  readonly pieces: { readonly start: number; readonly end: number }[]
  extents: readonly Extent[] | undefined
  error: Error | undefined
  done(): void
  fail(error: Error): void
}

/**
 * One connection to an NBD server, for reading. Any number of requests may be under way; replies come in any order.
 * Nothing that the server says makes it take more memory than was asked for, write outside of a buffer that it was
 * given, or take what did not arrive for content: then the connection ends with a ProtocolError for everybody.
 */
export class NbdClient implements Disposable {
  readonly export: Export
  readonly #stream: ByteStream
  readonly #open = new Map<number, Open>()
  readonly #watch: Watch
  #cookie = 0
  #failure: Error | undefined

  private constructor(stream: ByteStream, watch: Watch, offered: Export) {
    this.#stream = stream
    this.#watch = watch
    this.export = offered
    watch.isWaiting = () => this.#open.size > 0
    void this.#receive()
  }

  /** @throws what the socket throws; StalledError, ProtocolError, DisconnectedError */
  static async connect(path: string, stallMs = defaultStallMs): Promise<NbdClient> {
    const watch = new Watch(stallMs)
    let stream: ByteStream | undefined
    try {
      stream = await ByteStream.connect(path, () => watch.see())
      const connected = stream
      watch.onStall = (error) => connected.fail(error)
      return new NbdClient(stream, watch, await negotiate(stream))
    } catch (error) {
      watch[Symbol.dispose]()
      stream?.fail(error as Error)
      throw error
    }
  }

  /**
   * Fills all of `target` with what the disk has at `offset`.
   * @throws ReplyError where it cannot be read; ProtocolError, DisconnectedError
   */
  async read(offset: number, target: Uint8Array): Promise<void> {
    const flags = this.export.hasDontFragment ? dontFragment : 0
    await this.#ask({ command: command.read, flags, offset, lengthBytes: target.length }, target)
  }

  /** Which parts read as zeroes, from `offset` on: at least one, and perhaps not for all of the length. */
  async extents(offset: number, lengthBytes: number): Promise<readonly Extent[]> {
    if (this.export.allocationId === undefined) return [{ offset, lengthBytes, isZero: false }]
    const { extents } = await this.#ask({ command: command.blockStatus, offset, lengthBytes })
    if (extents === undefined) throw this.#break(new ProtocolError('no block status in reply to a request for it'))
    return extents
  }

  /** Says good-bye, at which a server that was for us alone ends. */
  [Symbol.dispose](): void {
    if (this.#failure) return
    this.#stream.write(encodeRequest({ command: command.disconnect, cookie: 0, offset: 0, lengthBytes: 0 }))
    this.#break(new DisconnectedError('the connection was closed'))
  }

  fail(error: Error): void {
    this.#break(error)
  }

  async #ask(asked: Omit<Request, 'cookie'>, target?: Uint8Array): Promise<Open> {
    if (this.#failure) throw this.#failure
    const { offset, lengthBytes } = asked
    if (lengthBytes < 1 || lengthBytes > 0xff_ff_ff_ff || offset + lengthBytes > this.export.sizeBytes) {
      throw new RangeError(`${lengthBytes} bytes at ${offset} of ${this.export.sizeBytes}`)
    }
    const request = { ...asked, cookie: ++this.#cookie }
    return await new Promise<Open>((resolve, reject) => {
      const open: Open = {
        request,
        ...(target && { target }),
        filled: 0,
        pieces: [],
        extents: undefined,
        error: undefined,
        done: () => resolve(open),
        fail: reject,
      }
      if (this.#open.size === 0) this.#watch.see()
      this.#open.set(request.cookie, open)
      this.#stream.write(encodeRequest(request))
    })
  }

  #break(error: Error): Error {
    this.#failure ??= error
    this.#watch[Symbol.dispose]()
    this.#stream.fail(this.#failure)
    for (const { fail } of this.#open.values()) fail(this.#failure)
    this.#open.clear()
    return this.#failure
  }

  async #receive(): Promise<void> {
    try {
      for (;;) await this.#receiveReply()
    } catch (error) {
      this.#break(error as Error)
    }
  }

  async #receiveReply(): Promise<void> {
    const magic = (await this.#stream.take(4)).readUInt32BE(0)
    if (magic === simpleReplyMagic) return this.#receiveSimple()
    if (magic !== structuredReplyMagic) throw new ProtocolError('no reply where one begins')
    const head = await this.#stream.take(16)
    const [flags, type] = [head.readUInt16BE(0), head.readUInt16BE(2)]
    const open = this.#find(head.readBigUInt64BE(4))
    const isLast = (flags & chunk.done) !== 0
    await this.#receiveChunk(open, type, head.readUInt32BE(12), isLast)
    if (isLast) this.#finish(open)
  }

  /** Where structured replies were agreed on, data never comes in one of these. */
  async #receiveSimple(): Promise<void> {
    const head = await this.#stream.take(12)
    const open = this.#find(head.readBigUInt64BE(4))
    const errno = head.readUInt32BE(0)
    if (errno === 0) throw new ProtocolError('a simple reply where a structured one was agreed on')
    open.error ??= new ReplyError(errno, open.request.offset, '')
    this.#finish(open)
  }

  #find(cookie: bigint): Open {
    const open = this.#open.get(Number(cookie))
    if (open === undefined) throw new ProtocolError('a reply to no request')
    return open
  }

  async #receiveChunk(open: Open, type: number, lengthBytes: number, isLast: boolean): Promise<void> {
    if (type === chunk.data) return this.#receiveData(open, lengthBytes)
    if (type === chunk.hole) return this.#receiveHole(open, lengthBytes)
    if (type === chunk.blockStatus) return this.#receiveExtents(open, lengthBytes)
    if (type === chunk.none && lengthBytes === 0 && isLast) return
    if ((type & chunk.errorBit) !== 0) return this.#receiveError(open, lengthBytes)
    throw new ProtocolError(`a chunk of type ${type} with ${lengthBytes} bytes`)
  }

  async #receiveData(open: Open, lengthBytes: number): Promise<void> {
    if (lengthBytes <= 8) throw new ProtocolError('a chunk of data without data')
    const offset = Number((await this.#stream.take(8)).readBigUInt64BE(0))
    await this.#stream.fill(claim(open, offset, lengthBytes - 8))
  }

  async #receiveHole(open: Open, lengthBytes: number): Promise<void> {
    if (lengthBytes !== 12) throw new ProtocolError(`a hole in ${lengthBytes} bytes`)
    const hole = await this.#stream.take(12)
    claim(open, Number(hole.readBigUInt64BE(0)), hole.readUInt32BE(8)).fill(0)
  }

  async #receiveExtents(open: Open, lengthBytes: number): Promise<void> {
    const { command: asked, offset, lengthBytes: askedBytes } = open.request
    if (asked !== command.blockStatus || open.extents || lengthBytes > maxExtentsBytes || lengthBytes % 8 !== 4) {
      throw new ProtocolError(`block status in ${lengthBytes} bytes`)
    }
    const bytes = await this.#stream.take(lengthBytes)
    if (bytes.length < 12 || bytes.readUInt32BE(0) !== this.export.allocationId) {
      throw new ProtocolError('block status of something else')
    }
    const extents: Extent[] = []
    let covered = 0
    for (let at = 4; at < bytes.length && covered < askedBytes; at += 8) {
      const length = bytes.readUInt32BE(at)
      if (length === 0) throw new ProtocolError('an extent of no length')
      const isZero = (bytes.readUInt32BE(at + 4) & extentReadsAsZeroes) !== 0
      // The last one may go on beyond what was asked for.
      extents.push({ offset: offset + covered, lengthBytes: Math.min(length, askedBytes - covered), isZero })
      covered += length
    }
    open.extents = extents
  }

  async #receiveError(open: Open, lengthBytes: number): Promise<void> {
    if (lengthBytes < 6 || lengthBytes > maxErrorBytes) throw new ProtocolError(`an error in ${lengthBytes} bytes`)
    const bytes = await this.#stream.take(lengthBytes)
    const messageBytes = Math.min(bytes.readUInt16BE(4), lengthBytes - 6)
    const said = bytes.toString('utf8', 6, 6 + messageBytes)
    open.error ??= new ReplyError(bytes.readUInt32BE(0), open.request.offset, said)
  }

  #finish(open: Open): void {
    const { target, filled, error, request } = open
    if (error === undefined && target !== undefined && filled !== target.length) {
      throw new ProtocolError(`${filled} of ${target.length} bytes at ${request.offset}`)
    }
    this.#open.delete(request.cookie)
    if (error === undefined) open.done()
    else open.fail(error)
  }
}

/** The part of a request's buffer that a chunk is for; no part of it is for two. */
function claim(open: Open, offset: number, lengthBytes: number): Uint8Array {
  const { target, request, pieces } = open
  const start = offset - request.offset
  const end = start + lengthBytes
  if (target === undefined || lengthBytes === 0 || start < 0 || end > target.length) {
    throw new ProtocolError(`${lengthBytes} bytes at ${offset}, which were not asked for`)
  }
  if (pieces.length >= maxPieces) throw new ProtocolError(`more than ${maxPieces} pieces`)
  if (pieces.some((piece) => start < piece.end && piece.start < end)) {
    throw new ProtocolError(`the bytes at ${offset} twice`)
  }
  pieces.push({ start, end })
  open.filled += lengthBytes
  return target.subarray(start, end)
}

/** Notices that nothing has come for too long although something is waited for. */
class Watch implements Disposable {
  isWaiting = (): boolean => true
  onStall: (error: Error) => void = () => {}
  #seenMs = performance.now()
  readonly #timer: NodeJS.Timeout

  constructor(stallMs: number) {
    this.#timer = setInterval(() => {
      if (this.isWaiting() && performance.now() - this.#seenMs > stallMs) this.onStall(new StalledError(stallMs))
    }, stallMs / 10)
  }

  see(): void {
    this.#seenMs = performance.now()
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
