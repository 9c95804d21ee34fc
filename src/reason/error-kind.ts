import type { ReasonKind } from './reason.ts'

/** The kinds that the code of an error decides, whatever was done to the file. */
export type ErrorKind = Extract<
  ReasonKind,
  'permission denied' | 'denied by policy' | 'stale handle' | 'not connected' | 'locked' | 'not answering'
>

const codes: Readonly<Record<Exclude<ErrorKind, 'denied by policy'>, readonly string[]>> = {
  'permission denied': ['EACCES', 'EPERM'],
  'stale handle': ['ESTALE'],
  // A file system in user space whose process has ended, or was cut off while it worked.
  'not connected': ['ENOTCONN', 'ECONNABORTED'],
  locked: ['EAGAIN', 'EWOULDBLOCK', 'ENOLCK', 'EDEADLK'],
  // What a network file system returns without its server: see the option `soft` in nfs(5).
  'not answering': [
    ...['EIO', 'EREMOTEIO', 'ETIMEDOUT', 'ETIME', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN'],
    ...['ECONNREFUSED', 'ECONNRESET'],
  ],
}

const kinds: ReadonlyMap<string, ErrorKind> = new Map(
  Object.entries(codes).flatMap(([kind, all]) => all.map((code) => [code, kind as ErrorKind])),
)

/** True if a file, or a folder on the way to it, does not exist. */
export const isAbsence = (code: string): boolean => code === 'ENOENT' || code === 'ENOTDIR'

/**
 * The kind that an error of a file belongs to: the one place that decides it, for restores, recovery and `assess`.
 * Undefined if the code proves no kind, or depends on the file (see `isAbsence`).
 * @param modesPermit true if the modes on the way to the file permit its user to read it
 */
export function kindOfError(code: string, modesPermit?: boolean): ErrorKind | undefined {
  const kind = kinds.get(code)
  return kind === 'permission denied' && modesPermit === true ? 'denied by policy' : kind
}

/** Describes an error of a path that one of these kinds is about, with the code as evidence. */
export function errorSentence(kind: ErrorKind, path: string, code: string): string {
  const sentences: Readonly<Record<ErrorKind, string>> = {
    'permission denied': `the product's user is not permitted to read ${path} (${code})`,
    'denied by policy': `reading ${path} is denied (${code}) although its modes permit it: by a policy (SELinux, AppArmor), an access list, or the server`,
    'stale handle': `${path} has a stale handle (${code}): what was mounted there is gone from its server`,
    'not connected': `${path} is not connected (${code}): the process behind its file system has ended`,
    locked: `${path} is locked (${code})`,
    'not answering': `${path} cannot be read (${code})`,
  }
  return sentences[kind]
}
