/**
 * The NBD protocol (doc/proto.md of github.com/NetworkBlockDevice/nbd): fixed newstyle negotiation, structured replies,
 * block status. Only what reading needs; nothing here can write.
 */

export const initMagic = 0x4e_42_44_4d_41_47_49_43n
export const optionMagic = 0x49_48_41_56_45_4f_50_54n
export const optionReplyMagic = 0x0003_e889_0455_65a9n
const requestMagic = 0x25_60_95_13
export const simpleReplyMagic = 0x67_44_66_98
export const structuredReplyMagic = 0x66_8e_33_ef

/** Flags of the handshake, both ways: fixed newstyle, and no 124 zeroes after it. */
export const handshake = { fixedNewstyle: 1, noZeroes: 2 } as const

export const option = { go: 7, structuredReply: 8, setMetaContext: 10 } as const

export const optionReply = { ack: 1, info: 3, metaContext: 4, errorBit: 0x80_00_00_00 } as const

export const info = { export: 0, blockSize: 3 } as const

/** Flags of an export. */
export const exportFlag = { readOnly: 2, sendDontFragment: 1 << 7 } as const

export const command = { read: 0, disconnect: 2, blockStatus: 7 } as const

export const dontFragment = 1 << 2

export const chunk = { done: 1, none: 0, data: 1, hole: 2, blockStatus: 5, errorBit: 1 << 15 } as const

/** Flags of an extent of `base:allocation`. Only whether it reads as zeroes matters, not whether it is allocated. */
export const extentReadsAsZeroes = 2

export const allocationContext = 'base:allocation'

export function encodeOption(kind: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = Buffer.alloc(16 + data.length)
  bytes.writeBigUInt64BE(optionMagic, 0)
  bytes.writeUInt32BE(kind, 8)
  bytes.writeUInt32BE(data.length, 12)
  bytes.set(data, 16)
  return bytes
}

/** Requests the unnamed export, the only one of qemu-nbd. */
export function encodeSetMetaContext(): Uint8Array {
  const data = Buffer.alloc(12 + allocationContext.length)
  data.writeUInt32BE(1, 4)
  data.writeUInt32BE(allocationContext.length, 8)
  data.write(allocationContext, 12, 'latin1')
  return encodeOption(option.setMetaContext, data)
}

export function encodeGo(): Uint8Array {
  const data = Buffer.alloc(8)
  data.writeUInt16BE(1, 4)
  data.writeUInt16BE(info.blockSize, 6)
  return encodeOption(option.go, data)
}

export interface Request {
  readonly command: number
  readonly flags?: number
  readonly cookie: number
  readonly offset: number
  readonly lengthBytes: number
}

export function encodeRequest({ command, flags = 0, cookie, offset, lengthBytes }: Request): Uint8Array {
  const bytes = Buffer.alloc(28)
  bytes.writeUInt32BE(requestMagic, 0)
  bytes.writeUInt16BE(flags, 4)
  bytes.writeUInt16BE(command, 6)
  bytes.writeBigUInt64BE(BigInt(cookie), 8)
  bytes.writeBigUInt64BE(BigInt(offset), 16)
  bytes.writeUInt32BE(lengthBytes, 24)
  return bytes
}

/** The server violates the protocol. Nothing else that it sent is trusted. */
export class ProtocolError extends Error {
  constructor(message: string) {
    super(`the NBD server violates the protocol: ${message}`)
    this.name = 'ProtocolError'
  }
}

/** The server refuses a request, or cannot read: `errno` as in Linux (EIO is 5). */
export class ReplyError extends Error {
  readonly errno: number
  readonly offset: number
  readonly reported: string

  constructor(errno: number, offset: number, reported: string) {
    super(`cannot read at ${offset}: ${reported === '' ? `error ${errno}` : reported}`)
    this.name = 'ReplyError'
    this.errno = errno
    this.offset = offset
    this.reported = reported
  }
}

/** The connection ended too early. */
export class DisconnectedError extends Error {
  constructor(message = 'the NBD server has disconnected') {
    super(message)
    this.name = 'DisconnectedError'
  }
}

/** The server is connected, but silent. */
export class StalledError extends Error {
  constructor(stallMs: number) {
    super(`no answer for ${Math.round(stallMs / 1000)} s`)
    this.name = 'StalledError'
  }
}
