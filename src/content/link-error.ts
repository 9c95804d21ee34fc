import { isAbsence, kindOfError } from '../reason/error-kind.ts'
import type { ReasonKind } from '../reason/reason.ts'
import { StalledError } from './nbd/protocol.ts'

/** Why the content of a chain is broken or unknown. */
export class LinkError extends Error {
  readonly kind: 'broken' | 'unknown'
  readonly reason: ReasonKind

  constructor(kind: 'broken' | 'unknown', message: string, { reason = 'unknown' }: { reason?: ReasonKind } = {}) {
    super(message)
    this.name = 'LinkError'
    this.kind = kind
    this.reason = reason
  }
}

/** Describes an error with a link. The first link is the image itself. */
export function describeLinkError(error: unknown, path: string, index: number): LinkError {
  if (error instanceof LinkError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  if (isAbsence(code))
    return new LinkError('broken', `${path} is missing`, { reason: index === 0 ? 'image missing' : 'parent missing' })
  const reason = error instanceof StalledError ? 'not answering' : kindOfError(code)
  if (reason === 'permission denied')
    return new LinkError('unknown', `${path} may not be read by this user`, { reason })
  if (code === 'ELOOP' || error instanceof TypeError)
    return new LinkError('broken', `${path} is not a regular file`, { reason: 'not qcow2' })
  return new LinkError('unknown', `${path} cannot be read: ${message}`, reason === undefined ? {} : { reason })
}
