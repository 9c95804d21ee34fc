import type { ByteStream } from './byte-stream.ts'
import {
  allocationContext,
  encodeGo,
  encodeOption,
  encodeSetMetaContext,
  exportFlag,
  handshake,
  info,
  initMagic,
  option,
  optionMagic,
  optionReply,
  optionReplyMagic,
  ProtocolError,
} from './protocol.ts'

/** The export of a server. */
export interface Export {
  readonly sizeBytes: number
  /** True if the server can send data in one piece, without looking for holes. */
  readonly hasDontFragment: boolean
  /** The id of `base:allocation` on this connection. Undefined if the server does not support it. */
  readonly allocationId?: number
  /** Offsets and lengths must be multiples of this. */
  readonly alignmentBytes: number
}

/** Maximum length of a reply to an option. */
const maxReplyBytes = 64 * 1024
/** Maximum number of replies to an option. */
const maxReplies = 64
/** Maximum length of a request if the server states no limit. */
const maxAlignmentBytes = 64 * 1024

/**
 * Negotiates structured replies, block status and the unnamed export.
 * @throws ProtocolError; what the stream throws
 */
export async function negotiate(stream: ByteStream): Promise<Export> {
  const greeting = await stream.take(18)
  if (greeting.readBigUInt64BE(0) !== initMagic || greeting.readBigUInt64BE(8) !== optionMagic) {
    throw new ProtocolError('not an NBD server, or an old one')
  }
  const flags = greeting.readUInt16BE(16)
  if ((flags & handshake.fixedNewstyle) === 0) throw new ProtocolError('no fixed newstyle negotiation')
  const answer = Buffer.alloc(4)
  answer.writeUInt32BE(handshake.fixedNewstyle | (flags & handshake.noZeroes))
  stream.write(answer)

  stream.write(encodeOption(option.structuredReply))
  if (!(await replies(stream, option.structuredReply))) throw new ProtocolError('no structured replies')
  const allocationId = await negotiateAllocation(stream)
  return { ...(await go(stream)), ...(allocationId !== undefined && { allocationId }) }
}

async function negotiateAllocation(stream: ByteStream): Promise<number | undefined> {
  stream.write(encodeSetMetaContext())
  let id: number | undefined
  await replies(stream, option.setMetaContext, (type, data) => {
    if (type !== optionReply.metaContext || data.length < 4) throw new ProtocolError(`reply ${type} on block status`)
    if (data.toString('latin1', 4) === allocationContext) id = data.readUInt32BE(0)
  })
  return id
}

async function go(stream: ByteStream): Promise<Omit<Export, 'allocationId'>> {
  stream.write(encodeGo())
  let found: { readonly sizeBytes: number; readonly hasDontFragment: boolean } | undefined
  let alignmentBytes = 1
  const isExport = await replies(stream, option.go, (type, data) => {
    if (type !== optionReply.info || data.length < 2) throw new ProtocolError(`reply ${type} on the export`)
    const kind = data.readUInt16BE(0)
    if (kind === info.export) found = describeExport(data)
    if (kind === info.blockSize) {
      if (data.length !== 14) throw new ProtocolError(`block sizes in ${data.length} bytes`)
      alignmentBytes = data.readUInt32BE(2)
    }
  })
  if (!isExport || found === undefined) throw new ProtocolError('it has no export')
  if (alignmentBytes < 1 || alignmentBytes > maxAlignmentBytes || !Number.isInteger(Math.log2(alignmentBytes))) {
    throw new ProtocolError(`blocks of ${alignmentBytes} bytes`)
  }
  return { ...found, alignmentBytes }
}

function describeExport(data: Buffer): { readonly sizeBytes: number; readonly hasDontFragment: boolean } {
  if (data.length !== 12) throw new ProtocolError(`an export in ${data.length} bytes`)
  const size = data.readBigUInt64BE(2)
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new ProtocolError(`an export of ${size} bytes`)
  const flags = data.readUInt16BE(10)
  if ((flags & exportFlag.readOnly) === 0) throw new ProtocolError('the export is writable')
  return { sizeBytes: Number(size), hasDontFragment: (flags & exportFlag.sendDontFragment) !== 0 }
}

/** Reads all replies to one option. Returns whether the server accepts it. */
async function replies(
  stream: ByteStream,
  asked: number,
  onReply: (type: number, data: Buffer) => void = () => {},
): Promise<boolean> {
  for (let count = 0; count < maxReplies; count++) {
    const head = await stream.take(20)
    const [type, lengthBytes] = [head.readUInt32BE(12), head.readUInt32BE(16)]
    if (head.readBigUInt64BE(0) !== optionReplyMagic || head.readUInt32BE(8) !== asked) {
      throw new ProtocolError('a reply to another option')
    }
    if (lengthBytes > maxReplyBytes) throw new ProtocolError(`${lengthBytes} bytes in reply to an option`)
    const data = await stream.take(lengthBytes)
    if (type === optionReply.ack) return true
    if ((type & optionReply.errorBit) !== 0) return false
    onReply(type, data)
  }
  throw new ProtocolError(`more than ${maxReplies} replies to an option`)
}
