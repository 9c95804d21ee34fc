import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { MachineError } from '../../errors.ts'

/** The files that dr-drill needs to run: its package and its dependencies. */
export interface ToolFiles {
  /** The folder that contains all others. Paths below it are the same on the disk. */
  readonly base: string
  /** The package of dr-drill, relative to `base`. */
  readonly own: string
  /** Packages, relative to `base`. A package inside another one is listed by itself. */
  readonly packages: readonly string[]
  /** The needed files of the package, relative to it. */
  readonly files: readonly string[]
  /** True if the files are sources, which must be compiled. */
  readonly isCheckout: boolean
  /** The digest of all files and versions, as 16 hexadecimal digits. */
  readonly digest: string
}

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Finds the sources in a checkout, or the packed files in an installation. */
export function findToolFiles(): ToolFiles {
  const manifest = findPackageJSON('..', import.meta.url)
  if (manifest === undefined) throw new MachineError('no-package', 'the package.json of dr-drill is missing')
  const folder = dirname(manifest)
  const isCheckout = import.meta.filename.endsWith('.ts')
  const pattern = isCheckout ? '{tsconfig*.json,src/**/*.{ts,py}}' : 'dist/{src,containers}/**/*.{js,py}'
  const files = ['package.json', ...globSync(pattern, { cwd: folder }).sort()].filter((file) => !isTest(file))
  const inside = folder.lastIndexOf(`${sep}node_modules${sep}`)
  const base = inside === -1 ? folder : folder.slice(0, inside)
  const packages = dependenciesOf(folder)
  const hash = createHash('sha256').update(process.version)
  for (const one of packages) hash.update(`${relative(base, one)}@${readManifest(one).version}\0`)
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(folder, file)))
      .update('\0')
  return {
    base,
    own: relative(base, folder),
    packages: packages.map((one) => relative(base, one)),
    files,
    isCheckout,
    digest: hash.digest('hex').slice(0, 16),
  }
}

const isTest = (file: string): boolean => /(\.(test|fixture|contract)|\/contract)\.([tj]s|py)$/.test(file)

/** Finds the folders of all dependencies of a package, as Node.js does. Optional ones may be missing. */
function dependenciesOf(folder: string): readonly string[] {
  const found = new Set<string>()
  const waiting = [folder]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = readManifest(next)
    for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
      const one = findPackage(name, next)
      if (one === undefined || found.has(one)) continue
      found.add(one)
      waiting.push(one)
    }
  }
  return [...found].sort()
}

function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return candidate
    if (folder === dirname(folder)) return undefined
  }
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
