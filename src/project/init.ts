import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { InputError } from '../errors.ts'
import { makeFolders } from '../localhost/make-folders.ts'
import { quote } from '../shell/quote.ts'
import { ownManifest } from './package.ts'
import { projectFiles } from './template.ts'

export interface NewProject {
  /** Files that were written, relative to the folder. */
  readonly written: readonly string[]
  /** What is to be done next, line by line. */
  readonly next: readonly string[]
}

/**
 * Writes a small project of one's own. A package.json that is there is left alone: dr-drill may have been installed
 * with it; what it lacks is said. Anything else that is there keeps all from being written.
 * @param from what npm is to install dr-drill from: a version, or a file
 * @throws InputError that names what is there, or what cannot be written
 */
export function initProject(folder: string, from?: string): NewProject {
  const { version, peerDependencies } = ownManifest()
  const dependencies = {
    ...peerDependencies,
    'dr-drill': from === undefined ? `^${version}` : installable(folder, from),
  }
  const files = projectFiles(packageName(folder), dependencies)
  const manifest = readManifest(folder)
  const wanted = Object.entries(files).filter(([name]) => manifest === undefined || name !== 'package.json')
  const there = wanted.filter(([name]) => existsSync(join(folder, name))).map(([name]) => join(folder, name))
  if (there.length > 0)
    throw new InputError(`nothing was written, since this is there already: ${there.join(', ')}`, {
      remedy: 'name a folder for the new project: dr-drill init DIR',
    })
  for (const [name, content] of wanted) writeNew(join(folder, name), content)
  return {
    written: wanted.map(([name]) => name),
    next: [
      ...(relative('.', folder) === '' ? [] : [`cd ${folder}`]),
      ...(manifest === undefined || manifest.type === 'module' ? [] : ['npm pkg set type=module']),
      quote([
        'npm',
        'install',
        ...(manifest === undefined ? [] : lackingOf(manifest, dependencies, from !== undefined)),
      ]),
      'npx dr-drill run',
    ],
  }
}

/** What of a package.json matters here. */
interface Manifest {
  readonly type?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

/** Arguments for `npm install`. Of dr-drill a manifest may have another version, unless one was asked for. */
function lackingOf(
  { dependencies, devDependencies }: Manifest,
  wanted: Readonly<Record<string, string>>,
  isAskedFor: boolean,
): readonly string[] {
  const has = { ...dependencies, ...devDependencies }
  const lacking = Object.entries(wanted).filter(
    ([name, spec]) => !(name in has) || (name === 'dr-drill' && isAskedFor && has[name] !== spec),
  )
  return lacking.length === 0 ? [] : ['--save-dev', ...lacking.map(([name, spec]) => `${name}@${spec}`)]
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

/** npm takes a file relative to the manifest that names it. */
function installable(folder: string, from: string): string {
  return existsSync(from) ? `file:${relative(resolve(folder), resolve(from))}` : from
}

/** The name of the folder, as far as npm takes it. */
function packageName(folder: string): string {
  const name = basename(resolve(folder))
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
  return name === '' || name === 'dr-drill' ? 'drills' : name
}
