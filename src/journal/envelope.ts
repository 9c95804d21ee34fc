import type { runCucumber } from '@cucumber/cucumber/api'

/** One message of Cucumber's protocol. */
export type Envelope = Parameters<NonNullable<Parameters<typeof runCucumber>[2]>>[0]
export type Pickle = NonNullable<Envelope['pickle']>
export type PickleTable = NonNullable<NonNullable<Pickle['steps'][number]['argument']>['dataTable']>
export type GherkinDocument = NonNullable<Envelope['gherkinDocument']>

/** Maximum length of an attachment in a journal. */
const maxAttachmentChars = 64 * 1024

/** Returns an envelope for the journal. An attachment that is too long is replaced by a note. */
export function bounded(envelope: Envelope): Envelope {
  const { attachment } = envelope
  if (attachment === undefined || attachment.body.length <= maxAttachmentChars) return envelope
  const { contentEncoding, body, mediaType, ...rest } = attachment
  const note = `${mediaType}, ${body.length} characters: too long for the journal`
  // The encoding is an enum of a package that only Cucumber depends on. Text is always `IDENTITY`.
  const identity = 'IDENTITY' as typeof contentEncoding
  return { ...envelope, attachment: { ...rest, contentEncoding: identity, mediaType: 'text/plain', body: note } }
}
