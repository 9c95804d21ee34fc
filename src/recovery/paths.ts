import { InputError } from '../errors.ts'

/** `/a/b/c` → `/a`, `/a/b` */
export function parentDirectories(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

/**
 * An absolute path that means itself: what an action may name.
 * @throws InputError that names the path
 */
export function requirePlainPath(path: string): string {
  const refuse = (why: string) => new InputError(`not a path to bind: ${JSON.stringify(path)}: ${why}`)
  if (!path.startsWith('/')) throw refuse('it is not absolute')
  if (path.includes('\0') || path.includes('\n')) throw refuse('it has a NUL or a newline')
  const parts = path.split('/').slice(1)
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    throw refuse('it has an empty part, "." or ".."')
  if (Buffer.byteLength(path) >= 4096 || parts.some((part) => Buffer.byteLength(part) > 255))
    throw refuse('it is too long')
  return path
}
