import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../../localhost/cache-folder.ts'
import { LeasedFolder } from '../../../localhost/leased-folder.ts'
import { quote } from '../../../shell/quote.ts'
import { bootstrap } from '../bootstrap.ts'
import { type ImageBuild, readRecipe, recipeFolder } from '../recipe.ts'
import { requireBuilder } from './builder.ts'

/** The guest image as files: what a container engine has in its own store. */
export interface GuestFiles {
  /** All of it: removed, it is built again. */
  readonly folder: string
  /** What runs beside guests, and the guest kernel: a root folder to change to. */
  readonly root: string
  /** Holds `base.ext4`, the disk that guests boot from. */
  readonly image: string
}

const prefix = 'guest-'

export async function findGuestFiles(): Promise<GuestFiles | undefined> {
  const files = await todaysFiles()
  const isThere = await stat(files.folder).catch(() => undefined)
  return isThere === undefined ? undefined : files
}

/** Bootstraps a Debian with the packages of a guest, and makes the files from it. Needs no root. */
export async function buildGuestFiles(build: ImageBuild): Promise<GuestFiles> {
  const { shell, report } = build
  const files = await todaysFiles()
  // First of all: a minute's work for nothing otherwise.
  await using half = await LeasedFolder.inCache(prefix)
  await requireBuilder(build)
  await using folder = await LeasedFolder.forSetUp('image')
  // The builder is another user: root in a namespace, where this one does not exist.
  await chmod(folder.path, 0o755)
  const [recipe, out] = [join(folder.path, 'recipe'), join(folder.path, 'out')]
  await cp(recipeFolder, recipe, { recursive: true })
  await shell.run(['chmod', '-R', 'a+rX', recipe])
  await mkdir(out)
  await chmod(out, 0o777)
  await bootstrap(shell, await buildArguments(recipe, out), { folder: folder.path, onOutput: steps(report) })
  report('unpacking')
  await unpack(shell, out, half, files)
  return files
}

/** Removes those of all recipes, and what was left of making one. */
export async function removeGuestFiles(dryRun: boolean): Promise<readonly string[]> {
  const names = await readdir(cacheFolder()).catch(() => [])
  const folders = names.filter((name) => name.startsWith(prefix)).map((name) => join(cacheFolder(), name))
  if (!dryRun) for (const folder of folders) await rm(folder, { recursive: true, force: true })
  return folders
}

/** Nothing but the files in `out` is kept of the Debian that is made. */
async function buildArguments(recipe: string, out: string): Promise<readonly string[]> {
  const packages = (await readFile(join(recipe, 'packages'), 'utf8')).trim().split('\n')
  const unwanted = ['doc', 'man', 'locale', 'info'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`)
  const embed = `${quote(['sh', `${recipe}/build/embed`])} "$1" ${quote([recipe, out])}`
  const kept = ['--format=null', `--include=${packages.join(',')}`, `--customize-hook=${embed}`]
  return [...kept, ...unwanted, 'trixie', '/dev/null']
}

/** What mmdebstrap says that it does now: its lines are `I: downloading packages with apt...`. */
function steps(report: ImageBuild['report']): (chunk: Uint8Array) => void {
  return (chunk) => {
    for (const [, step] of new TextDecoder()
      .decode(chunk)
      .matchAll(/^I: ((?:running apt|downl|extract|install|make).*?)(?:\.\.\.)?$/gm))
      if (step !== undefined) report(step)
  }
}

/** Whole or not at all: a folder of that name is a finished one. */
async function unpack(
  shell: ImageBuild['shell'],
  out: string,
  half: LeasedFolder,
  { folder }: GuestFiles,
): Promise<void> {
  const [root, image] = [join(half.path, 'root'), join(half.path, 'image')]
  await mkdir(root)
  await mkdir(image)
  await shell.run(['tar', '-xf', join(out, 'machine.tar'), '-C', root, '--no-same-owner'])
  await shell.run(['cp', '--sparse=always', join(out, 'base.ext4'), join(image, 'base.ext4')])
  await chmod(join(image, 'base.ext4'), 0o444)
  try {
    await rename(half.path, folder)
  } catch (cause) {
    // Somebody else was faster.
    if ((cause as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw cause
  }
}

async function todaysFiles(): Promise<GuestFiles> {
  const folder = join(cacheFolder(), `${prefix}${(await readRecipe()).digest}`)
  return { folder, root: join(folder, 'root'), image: join(folder, 'image') }
}
