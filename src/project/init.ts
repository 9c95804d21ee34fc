import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { makeFolders } from '../localhost/make-folders.ts'
import { quote } from '../shell/quote.ts'
import { ownManifest } from './package.ts'
import { isSupportedNode, nodePackage } from './supported-node.ts'
import { projectFiles } from './template.ts'

export interface NewProject {
  /** Files that were written, relative to the folder. */
  readonly written: readonly string[]
  /** Arguments of `npm install` without which nothing runs here: Node itself. Undefined if everything is installed. */
  readonly install?: readonly string[]
  /** Commands for the user to run next. */
  readonly next: readonly string[]
}

export interface NewProjectOptions {
  /** What npm installs dr-drill from: a version or a file. Undefined for this version. */
  readonly from?: string | undefined
  /** The version of the Node that npm will use. */
  readonly nodeVersion?: string
}

/**
 * Writes a small project. An existing package.json is left alone: dr-drill may have been installed with it. Other files
 * are never overwritten: if one exists, nothing is written.
 * @throws InputError that names the existing files, or the file that cannot be written
 */
export function initProject(folder: string, options: NewProjectOptions = {}): NewProject {
  const { from, nodeVersion = process.version } = options
  const { version, peerDependencies } = ownManifest()
  const hasNode = isSupportedNode(nodeVersion)
  const dependencies = {
    ...peerDependencies,
    'dr-drill': from === undefined ? `^${version}` : installable(folder, from),
    ...(hasNode ? {} : { [nodePackage.name]: nodePackage.range }),
  }
  const manifest = readManifest(folder)
  const files = Object.entries(projectFiles(packageName(folder), dependencies)).filter(
    ([name]) => manifest === undefined || name !== 'package.json',
  )
  const existing = files.filter(([name]) => existsSync(join(folder, name))).map(([name]) => join(folder, name))
  if (existing.length > 0)
    throw new InputError(`nothing was written, because these files exist: ${existing.join(', ')}`, {
      remedy: 'Choose another folder: dr-drill init DIR',
    })
  for (const [name, content] of files) writeNew(join(folder, name), content)
  const missing = manifest === undefined ? [] : missingFrom(manifest, dependencies, from !== undefined)
  const isInstalled = manifest !== undefined && missing.length === 0
  const isBlocked = manifest !== undefined && !hasNode && !isInstalled
  return {
    written: files.map(([name]) => name),
    ...(isBlocked && { install: missing }),
    next: [
      ...(relative('.', folder) === '' ? [] : [`cd ${folder}`]),
      ...(isInstalled || isBlocked ? [] : [quote(['npm', 'install', ...missing])]),
      'npx dr-drill run',
    ],
  }
}

/** The part of a package.json that matters here. */
interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** Returns arguments for `npm install`. The manifest may name another version of dr-drill, unless one was asked for. */
function missingFrom(
  { dependencies, devDependencies }: Manifest,
  wanted: Readonly<Record<string, string>>,
  isAskedFor: boolean,
): readonly string[] {
  const has = { ...dependencies, ...devDependencies }
  const missing = Object.entries(wanted).filter(
    ([name, spec]) => !(name in has) || (name === 'dr-drill' && isAskedFor && has[name] !== spec),
  )
  return missing.length === 0 ? [] : ['--save-dev', ...missing.map(([name, spec]) => `${name}@${spec}`)]
}

function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, 'package.json')
  if (!existsSync(path)) return undefined
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new InputError(`cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}

function writeNew(path: string, content: string): void {
  try {
    makeFolders(dirname(path))
    writeFileSync(path, content, { flag: 'wx' })
  } catch (cause) {
    throw new InputError(`cannot write ${path}: ${(cause as Error).message}`, { cause })
  }
}

/** Returns what npm installs dr-drill from. npm reads a file relative to the manifest that names it. */
function installable(folder: string, from: string): string {
  return existsSync(from) ? `file:${relative(resolve(folder), resolve(from))}` : from
}

/** Returns the name of the folder as a name that npm accepts. */
function packageName(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
  return name === '' || name === 'dr-drill' ? 'drills' : name
}
