/**
 * How handing one message over has ended.
 * - `sent`: the server has confirmed that it has it
 * - `refused`: the server has answered that it does not take it
 * - `not sent`: the server cannot have it
 * - `may have been sent`: the server may have it, but has not confirmed it
 */
export type CarrierOutcome =
  | { readonly kind: 'sent'; readonly answer: string }
  | { readonly kind: 'refused' | 'not sent' | 'may have been sent'; readonly why: string }

/** Hands messages over, one after another. */
export interface Carrier extends AsyncDisposable {
  /** Where messages are handed over, without secrets. */
  readonly where: string
  /** True if a receiver treats a message that comes twice as one, so that one without confirmation can be repeated. */
  readonly isIdempotent: boolean
  /** Never rejects, except with the signal's reason. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<CarrierOutcome>
}

/** A message with all that a carrier needs. */
export interface OutgoingMessage {
  readonly key: string
  readonly to: string
  /** The mail by RFC 5322. */
  readonly mail: Buffer
  /** The same as JSON. */
  readonly body: object
}
