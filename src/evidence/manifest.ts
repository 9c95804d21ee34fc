import { createHash } from 'node:crypto'
import type { PackFile } from './pack-archive.ts'

/** The name of the manifest, in the form that `sha256sum --check` reads. */
export const manifestName = 'SHA256SUMS'

export const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** Returns the manifest of files, sorted by path. */
export function manifestOf(files: readonly PackFile[]): string {
  const lines = files.map(({ path, content }) => `${sha256(content)}  ${path}\n`)
  return lines.toSorted((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join('')
}

/** Returns the digests in a manifest, by path. Undefined if it is not a manifest. */
export function readManifest(text: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>()
  for (const line of text.split('\n').slice(0, -1)) {
    const [, digest, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? []
    if (digest === undefined || path === undefined || found.has(path)) return undefined
    found.set(path, digest)
  }
  return text.endsWith('\n') ? found : undefined
}
