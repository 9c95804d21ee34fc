import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The version of dr-drill. */
export function ownVersion(): string {
  const manifest = findPackageJSON('..', import.meta.url)
  return manifest === undefined ? '?' : (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
