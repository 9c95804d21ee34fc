import { DisconnectedError, ProtocolError, ReplyError, StalledError } from './nbd/protocol.ts'

/** Why a disk was not read to its end, as threads exchange it. */
export type ReadFailure =
  /** The server cannot read at this offset. */
  | { readonly kind: 'unreadable'; readonly offset: number; readonly errno: number; readonly message: string }
  | { readonly kind: 'stalled' | 'gone' | 'protocol' | 'other'; readonly message: string }

export function failureOf(error: unknown): ReadFailure {
  const { message } = error as Error
  if (error instanceof ReplyError) return { kind: 'unreadable', offset: error.offset, errno: error.errno, message }
  if (error instanceof StalledError) return { kind: 'stalled', message }
  if (error instanceof DisconnectedError) return { kind: 'gone', message }
  if (error instanceof ProtocolError) return { kind: 'protocol', message }
  return { kind: 'other', message }
}

/** A failure that was thrown in another thread. */
export class ReadError extends Error {
  readonly failure: ReadFailure

  constructor(failure: ReadFailure) {
    super(failure.message)
    this.name = 'ReadError'
    this.failure = failure
  }
}
