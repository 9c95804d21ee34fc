/** The drivers of a `json:` name, from the outermost to the innermost. */
export interface JsonName {
  readonly kind: 'json'
  readonly drivers: readonly string[]
  /** The file that they end in. A relative path depends on where QEMU is started. */
  readonly path?: string
  /** The id of the secret that the parent needs. */
  readonly keySecret?: string
  /** True if the name has a parent of its own, which replaces the one in the header of the named image. */
  readonly hasOwnBacking: boolean
  /**
   * The first option that may change what is read: an offset, a limit, a driver in between, a data file. With it, only
   * reading by this name reveals the content.
   */
  readonly unusual?: string
}

/** Undefined if it is not an object. */
export function parseJsonName(name: string): JsonName | undefined {
  const text = doubleQuoted(name)
  let value: unknown
  try {
    value = JSON.parse(text, (key, field: unknown) => (isNameable(key) && isNameable(field) ? field : refuse()))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { options, notText, keys, isAmbiguous } = flatten(value)
  const unusual = isAmbiguous || keys < keysIn(text) ? 'a duplicate key' : unusualIn(options)
  return { ...describe(options, notText), ...(unusual !== undefined && { unusual }) }
}

/** False for a text that QEMU refuses, or cannot pass to the file system: half a character, or a NUL. */
const isNameable = (field: unknown): boolean =>
  typeof field !== 'string' || (field.isWellFormed() && !field.includes('\0'))

function refuse(): never {
  throw new SyntaxError('a text that cannot be a name')
}

/** QEMU's JSON also has strings in single quotes. */
export function doubleQuoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'/gs, (whole, single: string | undefined) =>
    single === undefined ? whole : `"${single.replaceAll("\\'", "'").replaceAll(/(?<!\\)"/g, '\\"')}"`,
  )
}

/** Counts the keys in a text: QEMU refuses one with a duplicate key, and a parser here takes the last. */
function keysIn(text: string): number {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gs)].filter(([, colon]) => colon !== undefined).length
}

/** QEMU accepts `{"file": {"driver": …}}` and `{"file.driver": …}` as the same. */
function flatten(value: object) {
  const options = new Map<string, string>()
  const notText = new Set<string>()
  const open: [string, object][] = [['', value]]
  let keys = 0
  let isAmbiguous = false
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [prefix, fields] = next
    for (const [key, field] of Object.entries(fields)) {
      const name = `${prefix}${key}`
      keys++
      if (typeof field === 'object' && field !== null) {
        open.push([`${name}.`, field])
        continue
      }
      isAmbiguous ||= options.has(name)
      options.set(name, field === null ? '' : String(field))
      if (typeof field !== 'string') notText.add(name)
    }
  }
  return { options, notText, keys, isAmbiguous }
}

/**
 * Any option counts that is not known to leave the content unchanged: QEMU has hundreds, and more with each version. A
 * format over `raw` over a file is usual.
 */
function unusualIn(options: ReadonlyMap<string, string>): string | undefined {
  let prefix = ''
  const usual = new Map<string, RegExp>([
    ['driver', /^(qcow2|raw)$/],
    ['encrypt.format', /^luks$/],
    ['encrypt.key-secret', /./s],
  ])
  while (options.get(`${prefix}file.driver`) === 'raw') {
    prefix += 'file.'
    usual.set(`${prefix}driver`, /^raw$/)
  }
  usual.set(`${prefix}file.driver`, /^file$/)
  usual.set(`${prefix}file.filename`, /./s)
  for (const [key, value] of options) if (!usual.get(key)?.test(value)) return `${key}: ${value}`
  return undefined
}

/** Follows `file` from driver to driver. */
function describe(options: ReadonlyMap<string, string>, notText: ReadonlySet<string>): JsonName {
  const keys = [...options.keys()]
  const drivers: string[] = []
  let path: string | undefined
  let keySecret: string | undefined
  for (let prefix = ''; ; prefix += 'file.') {
    const driver = options.get(`${prefix}driver`)
    if (driver !== undefined) drivers.push(driver)
    keySecret ??= options.get(`${prefix}encrypt.key-secret`) ?? options.get(`${prefix}key-secret`)
    if (keys.some((key) => key.startsWith(`${prefix}file.`))) continue
    // QEMU takes no number for the name of a file.
    path = notText.has(`${prefix}filename`) ? undefined : pathOf(driver, options.get(`${prefix}filename`))
    // `"file": "a name"` refers to a node by its name, not to a file.
    if (options.has(`${prefix}file`)) path = undefined
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

/** An explicit driver takes the name as it is. Without one, QEMU looks for a protocol in it. */
function pathOf(driver: string | undefined, filename: string | undefined): string | undefined {
  if (filename === undefined || driver === 'file') return filename
  if (driver !== undefined && !['host_device', 'host_cdrom', 'qcow2', 'raw', 'luks'].includes(driver)) return undefined
  const [, protocol] = /^([^:/]*):/.exec(filename) ?? []
  // Here `file:` is part of the path, unlike in a name outside of `json:`.
  return protocol === undefined || protocol === 'file' ? filename : undefined
}
