import { ByteStream } from './byte-stream.ts'
import { type Export, negotiate } from './negotiation.ts'
import { type Extent, OpenRequest } from './open-request.ts'
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
  simpleReplyMagic,
  structuredReplyMagic,
} from './protocol.ts'
import { SilenceWatch } from './silence-watch.ts'

/** Maximum length of a block status. QEMU's own limit is 1 MiB. */
const maxExtentsBytes = 4 * 2 ** 20
const maxErrorBytes = 64 * 1024

/** How long a server may be silent while a reply is due. */
export const defaultStallMs = 30_000

/**
 * One connection to an NBD server, for reading. Any number of requests may be under way; replies come in any order.
 * No reply makes it use more memory than was requested, write outside of a buffer that it was given, or take missing
 * data for content: then the connection ends with a ProtocolError for all requests.
 */
export class NbdClient implements Disposable {
  readonly export: Export
  readonly #stream: ByteStream
  readonly #open = new Map<number, OpenRequest>()
  readonly #watch: SilenceWatch
  #cookie = 0
  #failure: Error | undefined

  private constructor(stream: ByteStream, watch: SilenceWatch, offered: Export) {
    this.#stream = stream
    this.#watch = watch
    this.export = offered
    watch.isWaiting = () => this.#open.size > 0
    void this.#receive()
  }

  /** @throws what the socket throws; StalledError, ProtocolError, DisconnectedError */
  static async connect(path: string, stallMs = defaultStallMs): Promise<NbdClient> {
    const watch = new SilenceWatch(stallMs)
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
    await this.#request({ command: command.read, flags, offset, lengthBytes: target.length }, target)
  }

  /** Returns which parts read as zeroes, from `offset` on: at least one, and perhaps not for the whole length. */
  async extents(offset: number, lengthBytes: number): Promise<readonly Extent[]> {
    if (this.export.allocationId === undefined) return [{ offset, lengthBytes, isZero: false }]
    const { extents } = await this.#request({ command: command.blockStatus, offset, lengthBytes })
    if (extents === undefined) throw this.#break(new ProtocolError('no block status in reply to a request for it'))
    return extents
  }

  /** Disconnects. A server that serves only this client ends. */
  [Symbol.dispose](): void {
    if (this.#failure) return
    this.#stream.write(encodeRequest({ command: command.disconnect, cookie: 0, offset: 0, lengthBytes: 0 }))
    this.#break(new DisconnectedError('the connection was closed'))
  }

  fail(error: Error): void {
    this.#break(error)
  }

  #request(asked: Omit<Request, 'cookie'>, target?: Uint8Array): Promise<OpenRequest> {
    if (this.#failure) return Promise.reject(this.#failure)
    const { offset, lengthBytes } = asked
    if (lengthBytes < 1 || lengthBytes > 0xff_ff_ff_ff || offset + lengthBytes > this.export.sizeBytes)
      return Promise.reject(new RangeError(`${lengthBytes} bytes at ${offset} of ${this.export.sizeBytes}`))
    const open = new OpenRequest({ ...asked, cookie: ++this.#cookie }, target)
    if (this.#open.size === 0) this.#watch.see()
    this.#open.set(open.request.cookie, open)
    this.#stream.write(encodeRequest(open.request))
    return open.reply
  }

  #break(error: Error): Error {
    this.#failure ??= error
    this.#watch[Symbol.dispose]()
    this.#stream.fail(this.#failure)
    for (const open of this.#open.values()) open.fail(this.#failure)
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

  /** With structured replies, which were negotiated, a simple one never has data. */
  async #receiveSimple(): Promise<void> {
    const head = await this.#stream.take(12)
    const open = this.#find(head.readBigUInt64BE(4))
    const errno = head.readUInt32BE(0)
    if (errno === 0) throw new ProtocolError('a simple reply where a structured one was negotiated')
    open.error ??= new ReplyError(errno, open.request.offset, '')
    this.#finish(open)
  }

  #find(cookie: bigint): OpenRequest {
    const open = this.#open.get(Number(cookie))
    if (open === undefined) throw new ProtocolError('a reply to no request')
    return open
  }

  async #receiveChunk(open: OpenRequest, type: number, lengthBytes: number, isLast: boolean): Promise<void> {
    if (type === chunk.data) return this.#receiveData(open, lengthBytes)
    if (type === chunk.hole) return this.#receiveHole(open, lengthBytes)
    if (type === chunk.blockStatus) return this.#receiveExtents(open, lengthBytes)
    if (type === chunk.none && lengthBytes === 0 && isLast) return
    if ((type & chunk.errorBit) !== 0) return this.#receiveError(open, lengthBytes)
    throw new ProtocolError(`a chunk of type ${type} with ${lengthBytes} bytes`)
  }

  async #receiveData(open: OpenRequest, lengthBytes: number): Promise<void> {
    if (lengthBytes <= 8) throw new ProtocolError('a chunk of data without data')
    const offset = Number((await this.#stream.take(8)).readBigUInt64BE(0))
    await this.#stream.fill(open.claim(offset, lengthBytes - 8))
  }

  async #receiveHole(open: OpenRequest, lengthBytes: number): Promise<void> {
    if (lengthBytes !== 12) throw new ProtocolError(`a hole in ${lengthBytes} bytes`)
    const hole = await this.#stream.take(12)
    open.claim(Number(hole.readBigUInt64BE(0)), hole.readUInt32BE(8)).fill(0)
  }

  async #receiveExtents(open: OpenRequest, lengthBytes: number): Promise<void> {
    const { command: asked, offset, lengthBytes: askedBytes } = open.request
    if (asked !== command.blockStatus || open.extents || lengthBytes > maxExtentsBytes || lengthBytes % 8 !== 4) {
      throw new ProtocolError(`block status in ${lengthBytes} bytes`)
    }
    const bytes = await this.#stream.take(lengthBytes)
    if (bytes.length < 12 || bytes.readUInt32BE(0) !== this.export.allocationId) {
      throw new ProtocolError('block status of another context')
    }
    open.extents = extentsIn(bytes, offset, askedBytes)
  }

  async #receiveError(open: OpenRequest, lengthBytes: number): Promise<void> {
    if (lengthBytes < 6 || lengthBytes > maxErrorBytes) throw new ProtocolError(`an error in ${lengthBytes} bytes`)
    const bytes = await this.#stream.take(lengthBytes)
    const messageBytes = Math.min(bytes.readUInt16BE(4), lengthBytes - 6)
    const message = bytes.toString('utf8', 6, 6 + messageBytes)
    open.error ??= new ReplyError(bytes.readUInt32BE(0), open.request.offset, message)
  }

  #finish(open: OpenRequest): void {
    open.finish()
    this.#open.delete(open.request.cookie)
  }
}

/** The extents of a block status, the last one cut to what was requested: a server may go on beyond it. */
function extentsIn(bytes: Buffer, offset: number, askedBytes: number): readonly Extent[] {
  const extents: Extent[] = []
  let covered = 0
  for (let at = 4; at < bytes.length && covered < askedBytes; at += 8) {
    const length = bytes.readUInt32BE(at)
    if (length === 0) throw new ProtocolError('an extent of no length')
    const isZero = (bytes.readUInt32BE(at + 4) & extentReadsAsZeroes) !== 0
    extents.push({ offset: offset + covered, lengthBytes: Math.min(length, askedBytes - covered), isZero })
    covered += length
  }
  return extents
}
