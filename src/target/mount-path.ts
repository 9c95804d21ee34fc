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

/** The directory where a site mounts a share. `baseDirectory` is absolute, without a trailing slash. */
export function mountPathOf(baseDirectory: string, share: Share, rule: PathRule): string {
  return `${baseDirectory}/${encodeShare(share, rule)}`
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
