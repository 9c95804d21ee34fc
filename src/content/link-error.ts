import type { ReasonKind } from '../reason/reason.ts'
import { StalledError } from './nbd/protocol.ts'

/** Why a chain's content is not known, in the terms of its result. */
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

/** Errors that a network file system gives when its server does not, see mount's `soft` in nfs(5). */
const noAnswer = new Set(['EIO', 'ETIMEDOUT', 'ESTALE', 'EHOSTUNREACH', 'ECONNREFUSED', 'EHOSTDOWN'])

/** What is wrong with a link (the first is the image itself) that could not be looked at. */
export function describeLinkError(error: unknown, path: string, index: number): LinkError {
  if (error instanceof LinkError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  if (error instanceof StalledError || noAnswer.has(code))
    return new LinkError('unknown', `${path} cannot be read: ${message}`, { reason: 'not answering' })
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new LinkError('broken', `${path} is not there`, { reason: index === 0 ? 'image missing' : 'parent missing' })
  if (code === 'EACCES' || code === 'EPERM')
    return new LinkError('unknown', `${path} may not be read by this user`, { reason: 'permission denied' })
  if (code === 'ELOOP' || error instanceof TypeError)
    return new LinkError('broken', `${path} is not a regular file`, { reason: 'not qcow2' })
  return new LinkError('unknown', `${path} cannot be read: ${message}`)
}
