/** What an image's name for its parent is. Nothing is opened, whatever it says. */
export type BackingName =
  /** A file: absolute, or relative to the folder of the image that names it. */
  | { readonly kind: 'path'; readonly path: string; readonly isAbsolute: boolean }
  | JsonName
  /** No file: `nbd://…`, `rbd:…`; also `file:` with a relative path, which hangs on where QEMU is started. */
  | { readonly kind: 'protocol'; readonly protocol: string; readonly rest: string }
  | { readonly kind: 'invalid'; readonly why: string }

/** `json:` with its drivers, from the outermost to the innermost. */
export interface JsonName {
  readonly kind: 'json'
  readonly drivers: readonly string[]
  /** Where they end in a file. A relative one hangs on where QEMU is started. */
  readonly path?: string
  /** The id of the secret that the parent needs. */
  readonly keySecret?: string
  /** It brings a parent of its own, whatever the header of the named image says. */
  readonly hasOwnBacking: boolean
}

/** Reads a name as QEMU does: `word:` before the first slash is a protocol, all else a path. */
export function parseBackingName(name: string): BackingName {
  if (name === '') return { kind: 'invalid', why: 'an empty name' }
  const [, protocol] = /^([^:/]*):/.exec(name) ?? []
  if (protocol === undefined) return { kind: 'path', path: name, isAbsolute: name.startsWith('/') }
  const rest = name.slice(protocol.length + 1)
  if (protocol === 'json') return parseJsonName(rest)
  if (protocol === 'file' && rest.startsWith('/')) return { kind: 'path', path: rest, isAbsolute: true }
  return { kind: 'protocol', protocol, rest }
}

function parseJsonName(text: string): BackingName {
  let value: unknown
  try {
    value = JSON.parse(doubleQuoted(text))
  } catch {
    return { kind: 'invalid', why: 'json: is not followed by JSON' }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { kind: 'invalid', why: 'json: is not followed by an object' }
  }
  return describe(flatten(value))
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

/** QEMU's JSON also has strings in single quotes. */
function doubleQuoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'/gs, (whole, single: string | undefined) =>
    single === undefined ? whole : `"${single.replaceAll("\\'", "'").replaceAll(/(?<!\\)"/g, '\\"')}"`,
  )
}

/** QEMU takes `{"file": {"driver": …}}` and `{"file.driver": …}` for the same. */
function flatten(value: object): ReadonlyMap<string, string> {
  const flat = new Map<string, string>()
  const open: [string, object][] = [['', value]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [prefix, fields] = next
    for (const [key, field] of Object.entries(fields)) {
      if (typeof field === 'object' && field !== null) open.push([`${prefix}${key}.`, field])
      else flat.set(`${prefix}${key}`, field === null ? '' : String(field))
    }
  }
  return flat
}

/** Follows `file` from driver to driver. */
function describe(flat: ReadonlyMap<string, string>): JsonName {
  const keys = [...flat.keys()]
  const drivers: string[] = []
  let path: string | undefined
  let keySecret: string | undefined
  for (let prefix = ''; ; prefix += 'file.') {
    const driver = flat.get(`${prefix}driver`)
    if (driver !== undefined) drivers.push(driver)
    keySecret ??= flat.get(`${prefix}encrypt.key-secret`) ?? flat.get(`${prefix}key-secret`)
    if (keys.some((key) => key.startsWith(`${prefix}file.`))) continue
    path = pathOf(driver, flat.get(`${prefix}filename`))
    // `"file": "a name"` refers to a node by its name: no file that could be known here.
    if (flat.has(`${prefix}file`)) path = undefined
    break
  }
  return {
    kind: 'json',
    drivers,
    ...(path !== undefined && { path }),
    ...(keySecret !== undefined && { keySecret }),
    hasOwnBacking: keys.some((key) => /^(file\.)*backing(\.|$)/.test(key)),
  }
}

/** A driver that was named takes the name as it is; without one, QEMU looks for a protocol in it. */
function pathOf(driver: string | undefined, filename: string | undefined): string | undefined {
  if (filename === undefined || driver === 'file') return filename
  if (driver !== undefined && !['host_device', 'host_cdrom', 'qcow2', 'raw', 'luks'].includes(driver)) return undefined
  const [, protocol] = /^([^:/]*):/.exec(filename) ?? []
  // Here `file:` is not taken off, as it is of a name that stands alone.
  return protocol === undefined || protocol === 'file' ? filename : undefined
}
