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
  /**
   * The first that it says besides: an offset, a limit, a driver in between, a data file. With it, what is read need not
   * be what is in the image, and this is not known before somebody reads it just so.
   */
  readonly unusual?: string
}

/** Undefined where it is no object. */
export function parseJsonName(name: string): JsonName | undefined {
  const text = doubleQuoted(name)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { options, keys, isAmbiguous } = flatten(value)
  const unusual = isAmbiguous || keys < keysIn(text) ? 'something twice' : unusualIn(options)
  return { ...describe(options), ...(unusual !== undefined && { unusual }) }
}

/** QEMU's JSON also has strings in single quotes. */
export function doubleQuoted(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|'((?:[^'\\]|\\.)*)'/gs, (whole, single: string | undefined) =>
    single === undefined ? whole : `"${single.replaceAll("\\'", "'").replaceAll(/(?<!\\)"/g, '\\"')}"`,
  )
}

/** How many keys a text has: QEMU refuses one that says a key twice, and a parser here takes the last. */
function keysIn(text: string): number {
  return [...text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/gs)].filter(([, colon]) => colon !== undefined).length
}

/** QEMU takes `{"file": {"driver": …}}` and `{"file.driver": …}` for the same. */
function flatten(value: object) {
  const options = new Map<string, string>()
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
    }
  }
  return { options, keys, isAmbiguous }
}

/**
 * All that is not known to leave the content of the file as it is counts: QEMU has hundreds of options, and more with
 * each version. A format over `raw` over a file is the most that is usual.
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
function describe(options: ReadonlyMap<string, string>): JsonName {
  const keys = [...options.keys()]
  const drivers: string[] = []
  let path: string | undefined
  let keySecret: string | undefined
  for (let prefix = ''; ; prefix += 'file.') {
    const driver = options.get(`${prefix}driver`)
    if (driver !== undefined) drivers.push(driver)
    keySecret ??= options.get(`${prefix}encrypt.key-secret`) ?? options.get(`${prefix}key-secret`)
    if (keys.some((key) => key.startsWith(`${prefix}file.`))) continue
    path = pathOf(driver, options.get(`${prefix}filename`))
    // `"file": "a name"` refers to a node by its name: no file that could be known here.
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

/** A driver that was named takes the name as it is; without one, QEMU looks for a protocol in it. */
function pathOf(driver: string | undefined, filename: string | undefined): string | undefined {
  if (filename === undefined || driver === 'file') return filename
  if (driver !== undefined && !['host_device', 'host_cdrom', 'qcow2', 'raw', 'luks'].includes(driver)) return undefined
  const [, protocol] = /^([^:/]*):/.exec(filename) ?? []
  // Here `file:` is not taken off, as it is of a name that stands alone.
  return protocol === undefined || protocol === 'file' ? filename : undefined
}
