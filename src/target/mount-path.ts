import type { Share } from './share.ts'

/**
 * How a share becomes the name of the directory that it is mounted at: base64 of the whole `host:/path` (product up to
 * 4.1), or of the export's path only (from 4.2, where computes may mount one share through different addresses).
 * Source: the vendor's disaster-recovery page shows the first, its documentation of 4.2 the second.
 */
export type PathRule = 'share' | 'export'

/** What of a share is encoded. */
export function encodedPart(share: Share, rule: PathRule): string {
  return rule === 'share' ? share.text : urlPathOf(share.path)
}

/**
 * Base64 as `echo -n … | base64 -w0` gives it: never wrapped, of the UTF-8 bytes. It may contain slashes, so that the
 * mount path has more than one directory below its base.
 */
export function encodeShare(share: Share, rule: PathRule): string {
  return Buffer.from(encodedPart(share, rule)).toString('base64')
}

/** The directory where a site mounts a share. `baseDirectory` is absolute, without a trailing slash. */
export function mountPathOf(baseDirectory: string, share: Share, rule: PathRule): string {
  return `${baseDirectory}/${encodeShare(share, rule)}`
}

/**
 * The product takes the path that Python's `urllib.parse.urlparse('//' + share)` sees: without what follows `?` or `#`,
 * without the parameters (`;…`) of the last segment, and without tabs. Nothing is decoded; a trailing slash stays.
 */
function urlPathOf(path: string): string {
  const [upToQuery = ''] = path.replaceAll('\t', '').split(/[?#]/, 1)
  const parameters = upToQuery.indexOf(';', upToQuery.lastIndexOf('/'))
  return parameters === -1 ? upToQuery : upToQuery.slice(0, parameters)
}
