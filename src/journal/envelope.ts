import type { runCucumber } from '@cucumber/cucumber/api'

/** One message of Cucumber's protocol. */
export type Envelope = Parameters<NonNullable<Parameters<typeof runCucumber>[2]>>[0]
export type Pickle = NonNullable<Envelope['pickle']>
export type PickleTable = NonNullable<NonNullable<Pickle['steps'][number]['argument']>['dataTable']>
export type GherkinDocument = NonNullable<Envelope['gherkinDocument']>

/** Maximum length of an attachment in a journal. */
const maxAttachmentChars = 64 * 1024

/**
 * Returns an envelope for the journal. An attachment that is too long is replaced by a note. One that holds text is not
 * encoded, so that secrets in it are found.
 */
export function bounded(envelope: Envelope): Envelope {
  const { attachment } = envelope
  if (attachment === undefined) return envelope
  const { contentEncoding, body, mediaType, ...rest } = attachment
  // The encoding is an enum of a package that only Cucumber depends on. Text is always `IDENTITY`.
  const identity = 'IDENTITY' as typeof contentEncoding
  if (body.length > maxAttachmentChars) {
    const note = `${mediaType}, ${body.length} characters: too long for the journal`
    return { ...envelope, attachment: { ...rest, contentEncoding: identity, mediaType: 'text/plain', body: note } }
  }
  const text = contentEncoding === identity ? undefined : textIn(body)
  return text === undefined
    ? envelope
    : { ...envelope, attachment: { ...rest, mediaType, contentEncoding: identity, body: text } }
}

/** Returns the text that Base64 encodes. Undefined for other content. */
function textIn(base64: string): string | undefined {
  const bytes = Buffer.from(base64, 'base64')
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? text : undefined
}
