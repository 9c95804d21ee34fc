import { InputError } from '../errors.ts'

/** An NFS export as configured: `host:/path`. */
export interface Share {
  /** Exactly as configured. Path rule `share` encodes it. */
  readonly text: string
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  /** The export path with its leading slash, and a trailing one if configured. */
  readonly path: string
}

/**
 * Reads `10.10.2.20:/upstream`, `nfs.example:/a b`, `[fd00::20]:/upstream`. Nothing is normalized: shares with and
 * without a trailing slash are mounted at different paths.
 * @throws InputError that names the share
 */
export function parseShare(text: string): Share {
  const refuse = (why: string, remedy?: string) =>
    new InputError(`not a share: ${JSON.stringify(text)}: ${why}`, remedy === undefined ? {} : { remedy })

  if (/[\0\n\r]/.test(text)) throw refuse('it contains a NUL, newline or carriage return')
  if (!text.isWellFormed()) throw refuse('it is not well-formed Unicode')
  const bracketed = /^\[([^\]]*)\]:(.*)$/s.exec(text)
  const plain = /^([^:[\]]*):(.*)$/s.exec(text)
  const [, host, path] = bracketed ?? plain ?? []
  if (host === undefined || path === undefined) throw refuse('it is not host:/path')
  if (!path.startsWith('/')) {
    const address = /^([\da-f:]+):(\/.*)$/is.exec(text)
    if (address) throw refuse('an IPv6 address must be in brackets', `Write [${address[1]}]:${address[2]}`)
    throw refuse('the export does not start with a slash', `Write ${text.slice(0, text.length - path.length)}/${path}`)
  }
  if (bracketed ? !isIpv6(host) : !isHostName(host)) throw refuse(`${JSON.stringify(host)} is not a host`)
  return { text, host, path }
}

/**
 * Reads a comma-separated list of shares. The product trims each and mounts it separately (older generations, which may
 * differ today).
 * @throws InputError as `parseShare`, also for an empty element
 */
export function parseShares(list: string): readonly Share[] {
  return list.split(',').map((element) => parseShare(element.replace(/^ +| +$/g, '')))
}

/** True for a name or an address; an IPv6 address is in brackets. */
export function isHost(text: string): boolean {
  const [, bracketed] = /^\[(.*)\]$/s.exec(text) ?? []
  return bracketed === undefined ? isHostName(text) : isIpv6(bracketed)
}

/** An address like IPv4 has four parts from 0 to 255. Names have labels of letters, digits, `-` and `_`. */
function isHostName(host: string): boolean {
  if (/^[\d.]+$/.test(host))
    return /^(\d{1,3}\.){3}\d{1,3}$/.test(host) && host.split('.').every((part) => +part <= 255)
  return (
    host.length <= 253 &&
    host
      .replace(/\.$/, '')
      .split('.')
      .every((label) => /^(?!-)[\w-]{1,63}(?<!-)$/.test(label))
  )
}

/** As a URL parser sees it. A zone (`fe80::1%eth0`) concerns the mounting host alone. */
function isIpv6(host: string): boolean {
  return URL.canParse(`http://[${host.replace(/%[\w.-]+$/, '')}]/`)
}
