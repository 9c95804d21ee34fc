import { InputError } from '../../errors.ts'

/** `/a/b/c` → `/a`, `/a/b` */
export function parentDirectories(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

/**
 * Returns an absolute path that can mean no other one, as actions need it.
 * @throws InputError that names the path
 */
export function requirePlainPath(path: string): string {
  const why = whyNotPlain(path)
  if (why !== undefined) throw new InputError(`not a path to bind: ${JSON.stringify(path)}: ${why}`)
  return path
}

/** Why a path is not absolute and plain. Undefined if it is. */
export function whyNotPlain(path: string): string | undefined {
  if (!path.startsWith('/')) return 'it is not absolute'
  if (path.includes('\0') || path.includes('\n')) return 'it has a NUL or a newline'
  const parts = path.split('/').slice(1)
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'it has an empty part, "." or ".."'
  if (Buffer.byteLength(path) >= 4096 || parts.some((part) => Buffer.byteLength(part) > 255)) return 'it is too long'
  return undefined
}
