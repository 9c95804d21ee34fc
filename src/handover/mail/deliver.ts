import type { Carrier } from './carrier.ts'
import { type Message, messageIdOf, rfc5322, type Sender } from './message.ts'
import type { LastAttempt, NoticeChannel, NoticeLedger } from './notice-ledger.ts'

/** How one user was written to. */
export interface Delivery {
  readonly userId: string
  readonly user: string
  readonly to: string
  readonly state: 'sent' | 'sent before' | 'refused' | 'not sent' | 'may have been sent'
  /** Undefined if there is nothing to explain. */
  readonly why?: string
}

export interface DeliverOptions {
  readonly carrier: Carrier
  readonly channel: NoticeChannel
  readonly ledger: NoticeLedger
  readonly sender: Sender
  /** True to hand over again what may have been sent. */
  readonly isResent: boolean
  readonly signal: AbortSignal
  readonly onDelivery?: (delivery: Delivery) => void
}

/**
 * Hands messages over, one after another, except those that were sent before. A message that may have been sent is handed
 * over again only on request, or if its receiver recognizes it.
 * @throws MachineError if the ledger cannot be written; the signal's reason, after the last message is on record
 */
export async function deliver(messages: readonly Message[], options: DeliverOptions): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = []
  for (const message of messages) {
    options.signal.throwIfAborted()
    const delivery = await deliverOne(message, options)
    deliveries.push(delivery)
    options.onDelivery?.(delivery)
  }
  options.signal.throwIfAborted()
  return deliveries
}

async function deliverOne(message: Message, options: DeliverOptions): Promise<Delivery> {
  const { carrier, channel, ledger, sender, signal } = options
  const { key, userId, user, to } = message
  const before = heldBack(ledger.lastOf(channel, key), options)
  if (before !== undefined) return { userId, user, to, ...before }
  const mail = await rfc5322(message, sender, Date.now())
  ledger.begin({ channel, key, id: messageIdOf(message, sender), userId, to }, Date.now())
  const outcome = await carrier.send({ key, to, mail, body: bodyOf(message) }, signal)
  ledger.end(channel, key, outcome, Date.now())
  return { userId, user, to, state: outcome.kind, ...(outcome.kind !== 'sent' && { why: outcome.why }) }
}

/** The result for a message that is not handed over again. Undefined for one that is. */
export function heldBack(
  last: LastAttempt | undefined,
  { isResent, carrier }: { readonly isResent: boolean; readonly carrier?: Pick<Carrier, 'isIdempotent'> },
): Pick<Delivery, 'state' | 'why'> | undefined {
  if (last?.outcome === 'sent') return { state: 'sent before', why: `at ${last.at}` }
  if (last?.outcome !== 'may have been sent' || isResent || carrier?.isIdempotent) return undefined
  return { state: 'may have been sent', why: `at ${last.at}: ${last.detail}` }
}

/** The notice for a webhook. */
function bodyOf({ key, userId, user, to, subject, text, notice }: Message): object {
  const { cloud, date, isComplete, workloads } = notice
  return { version: 1, key, userId, user, to, cloud, assessedAt: date, isComplete, subject, text, workloads }
}
