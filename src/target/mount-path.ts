import type { Bucket } from './bucket.ts'
import type { Share } from './share.ts'

/**
 * How a share is encoded as the name of its mount directory: base64 of the whole `host:/path` (product up to 4.1), or
 * of the export path only (from 4.2 on, where computes may mount one share through different addresses). Source: the
 * vendor's disaster-recovery page shows the first, its documentation of 4.2 the second.
 */
export type PathRule = 'share' | 'export'

/** The part of a share that is encoded. */
export function encodedPart(share: Share, rule: PathRule): string {
  return rule === 'share' ? share.text : urlPathOf(share.path)
}

/**
 * Base64 like `echo -n … | base64 -w0`: of the UTF-8 bytes, never wrapped. It may contain slashes, so that the mount
 * path is nested below its base directory.
 */
export function encodeShare(share: Share, rule: PathRule): string {
  return Buffer.from(encodedPart(share, rule)).toString('base64')
}

/**
 * The directory where a site mounts a share or a bucket. The path rule is that of shares: a bucket is always encoded as
 * a whole. `baseDirectory` is absolute, without a trailing slash.
 */
export function mountPathOf(baseDirectory: string, share: Share | Bucket, rule: PathRule): string {
  const encoded = 'bucket' in share ? Buffer.from(share.text).toString('base64') : encodeShare(share, rule)
  return `${baseDirectory}/${encoded}`
}

/**
 * The directory where the start script of RHOSO mounts a share [pub]: it splits the configured text at each `:`, and
 * encodes the second part. Undefined if that is where the product mounts it, by rule `export`.
 */
export function differingStartScriptPath(baseDirectory: string, share: Share): string | undefined {
  const part = share.text.split(':')[1] ?? ''
  if (part === encodedPart(share, 'export')) return undefined
  return part === '' ? baseDirectory : `${baseDirectory}/${Buffer.from(part).toString('base64')}`
}

/**
 * The product uses the path that Python's `urllib.parse.urlparse('//' + share)` returns: without what follows `?` or
 * `#`, without the parameters (`;…`) of the last segment, and without tabs. Nothing is decoded, and a trailing slash
 * stays.
 */
function urlPathOf(path: string): string {
  const [upToQuery = ''] = path.replaceAll('\t', '').split(/[?#]/, 1)
  const parameters = upToQuery.indexOf(';', upToQuery.lastIndexOf('/'))
  return parameters === -1 ? upToQuery : upToQuery.slice(0, parameters)
}
