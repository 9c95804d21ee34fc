import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

interface Manifest {
  readonly version: string
  readonly peerDependencies: Readonly<Record<string, string>>
}

/** The manifest of dr-drill. */
export function ownManifest(): Manifest {
  const manifest = findPackageJSON('..', import.meta.url)
  if (manifest === undefined) throw new Error('the package.json of dr-drill is not there')
  return JSON.parse(readFileSync(manifest, 'utf8')) as Manifest
}

/** The version of dr-drill. */
export const ownVersion = (): string => ownManifest().version
