import { doubleQuoted, type JsonName, parseJsonName } from './json-name.ts'

/** What an image's name for its parent is. Nothing is opened, whatever it says. */
export type BackingName =
  /** A file: absolute, or relative to the folder of the image that names it. */
  | { readonly kind: 'path'; readonly path: string; readonly isAbsolute: boolean }
  | JsonName
  /** No file: `nbd://…`, `rbd:…`; also `file:` with a relative path, which hangs on where QEMU is started. */
  | { readonly kind: 'protocol'; readonly protocol: string; readonly rest: string }
  | { readonly kind: 'invalid'; readonly why: string }

/** Reads a name as QEMU does: `word:` before the first slash is a protocol, all else a path. */
export function parseBackingName(name: string): BackingName {
  if (name === '') return { kind: 'invalid', why: 'an empty name' }
  const [, protocol] = /^([^:/]*):/.exec(name) ?? []
  if (protocol === undefined) return { kind: 'path', path: name, isAbsolute: name.startsWith('/') }
  const rest = name.slice(protocol.length + 1)
  if (protocol === 'json')
    return parseJsonName(rest) ?? { kind: 'invalid', why: 'json: is not followed by an object in JSON' }
  if (protocol === 'file' && rest.startsWith('/')) return { kind: 'path', path: rest, isAbsolute: true }
  return { kind: 'protocol', protocol, rest }
}

/** The same name for a file elsewhere, with all that it says besides; undefined where it names no file. */
export function withPath(name: string, path: string): string | undefined {
  const parsed = parseBackingName(name)
  if (parsed.kind === 'path') return /^[^/]*:/.test(path) ? undefined : path
  if (parsed.kind !== 'json' || parsed.path === undefined) return undefined
  const replaced: unknown = JSON.parse(doubleQuoted(name.slice('json:'.length)), (key, value: unknown) =>
    (key === 'filename' || key.endsWith('.filename')) && value === parsed.path ? path : value,
  )
  return `json:${JSON.stringify(replaced)}`
}
