import { doubleQuoted, type JsonName, parseJsonName } from './json-name.ts'

/** The name of a parent in an image, taken apart. Nothing is opened. */
export type BackingName =
  /** A file, absolute or relative to the folder of the image. */
  | { readonly kind: 'path'; readonly path: string; readonly isAbsolute: boolean }
  | JsonName
  /** Not a file: `nbd://…`, `rbd:…`, and `file:` with a relative path, which depends on where QEMU is started. */
  | { readonly kind: 'protocol'; readonly protocol: string; readonly rest: string }
  | { readonly kind: 'invalid'; readonly why: string }

/** Reads a name as QEMU does: `word:` before the first slash is a protocol, anything else a path. */
export function parseBackingName(name: string): BackingName {
  if (name === '') return { kind: 'invalid', why: 'the name of its parent is empty' }
  const [, protocol] = /^([^:/]*):/.exec(name) ?? []
  if (protocol === undefined) return { kind: 'path', path: name, isAbsolute: name.startsWith('/') }
  const rest = name.slice(protocol.length + 1)
  if (protocol === 'json')
    return parseJsonName(rest) ?? { kind: 'invalid', why: 'the name of its parent has no JSON object after json:' }
  if (protocol === 'file' && rest.startsWith('/')) return { kind: 'path', path: rest, isAbsolute: true }
  return { kind: 'protocol', protocol, rest }
}

/** Returns the name for a file elsewhere, with all its options. Undefined if it names no file. */
export function withPath(name: string, path: string): string | undefined {
  const parsed = parseBackingName(name)
  if (parsed.kind === 'path') return /^[^/]*:/.test(path) ? undefined : path
  if (parsed.kind !== 'json' || parsed.path === undefined) return undefined
  const replaced: unknown = JSON.parse(doubleQuoted(name.slice('json:'.length)), (key, value: unknown) =>
    (key === 'filename' || key.endsWith('.filename')) && value === parsed.path ? path : value,
  )
  return `json:${JSON.stringify(replaced)}`
}
