import type { Envelope } from '../journal/envelope.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { ScenarioIndex } from '../journal/scenario.ts'

/** Something that a step attached to its scenario. */
export interface Attachment {
  readonly mediaType: string
  /** The attached text, or what was attached if it is no text. */
  readonly text: string
}

/** Returns the attachments of each scenario, by its location. */
export function attachmentsByLocation(entries: readonly JournalEntry[]): ReadonlyMap<string, readonly Attachment[]> {
  const scenarios = new ScenarioIndex()
  const found = new Map<string, Attachment[]>()
  for (const entry of entries) {
    if (entry.kind !== 'envelope') continue
    const envelope = entry.envelope as Envelope
    scenarios.update(envelope)
    const { attachment } = envelope
    if (attachment?.testCaseStartedId === undefined) continue
    const { mediaType, body } = attachment
    const isText = `${attachment.contentEncoding}` === 'IDENTITY'
    const { location } = scenarios.scenario(attachment.testCaseStartedId)
    const text = isText ? body : `[attached: ${mediaType}, ${Buffer.byteLength(body, 'base64')} bytes]`
    found.set(location, [...(found.get(location) ?? []), { mediaType, text }])
  }
  return found
}
