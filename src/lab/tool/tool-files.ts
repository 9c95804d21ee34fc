import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join, relative, sep } from 'node:path'
import { MachineError } from '../../errors.ts'

/** What it takes to run dr-drill: its package and all that it depends on. */
export interface ToolFiles {
  /** All folders are below it, and lie to each other on a disk as they do here. */
  readonly base: string
  /** dr-drill itself, relative to `base`. */
  readonly own: string
  /** Packages, relative to `base`: without packages that are inside them, which are listed by themselves. */
  readonly packages: readonly string[]
  /** Of the package's own files those that are needed, relative to it. */
  readonly files: readonly string[]
  /** Whether they are sources, of which the package's JavaScript is still to be made. */
  readonly isCheckout: boolean
  /** Of everything: 16 hexadecimal digits. */
  readonly digest: string
}

interface Manifest {
  readonly name?: string
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** In a checkout the sources, in an installation what was packed. */
export function findToolFiles(): ToolFiles {
  const manifest = findPackageJSON('..', import.meta.url)
  if (manifest === undefined) throw new MachineError('no-package', 'the package.json of dr-drill is not there')
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

const isTest = (file: string): boolean => /\.(test|fixture|contract)\.([tj]s|py)$/.test(file)

/** The folders of all packages that one needs, as Node finds them; optional ones only where they are installed. */
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
