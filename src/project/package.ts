import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface PackageManifest {
  readonly version: string
  readonly peerDependencies: Readonly<Record<string, string>>
}

/** The folder of dr-drill's own files other than code: `dist` of a package, or the checkout. */
export const packageFolder = (): string => join(dirname(fileURLToPath(import.meta.url)), '../..')

/** Returns the manifest of dr-drill, which is further up from `dist` than from the sources. */
export function ownManifest(): PackageManifest {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageManifest
}

/** Returns the version of dr-drill. */
export const ownVersion = (): string => ownManifest().version
