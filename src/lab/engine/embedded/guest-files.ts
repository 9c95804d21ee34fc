import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../../localhost/cache-folder.ts'
import { LeasedFolder } from '../../../localhost/leased-folder.ts'
import { quote } from '../../../shell/quote.ts'
import { bootstrap } from '../bootstrap.ts'
import { type ImageBuild, readRecipe, recipeFolder } from '../recipe.ts'
import { requireBuilder } from './builder.ts'

/** The guest image as files. */
export interface GuestFiles {
  /** The folder with all files. */
  readonly folder: string
  /** The root folder with the guest kernel and the programs that run beside it. */
  readonly root: string
  /** The folder with `base.ext4`, the disk that guests boot from. */
  readonly image: string
}

const prefix = 'guest-'

export async function findGuestFiles(): Promise<GuestFiles | undefined> {
  const files = await currentFiles()
  const isThere = await stat(files.folder).catch(() => undefined)
  return isThere === undefined ? undefined : files
}

/** Bootstraps a Debian with the packages of a guest, and makes the files from it, without root. */
export async function buildGuestFiles(build: ImageBuild): Promise<GuestFiles> {
  const { shell, report } = build
  const files = await currentFiles()
  // Before anything else, to waste no work.
  await using half = await LeasedFolder.inCache(prefix)
  await requireBuilder(build)
  await using folder = await LeasedFolder.forSetUp('image')
  // The builder is root in a namespace, where this user does not exist.
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

/** Removes the files of all recipes, and the remains of interrupted builds. Returns their folders. */
export async function removeGuestFiles(dryRun: boolean): Promise<readonly string[]> {
  const names = await readdir(cacheFolder()).catch(() => [])
  const folders = names.filter((name) => name.startsWith(prefix)).map((name) => join(cacheFolder(), name))
  if (!dryRun) for (const folder of folders) await rm(folder, { recursive: true, force: true })
  return folders
}

/** Returns the arguments for a Debian of which only the files in `out` are kept. */
async function buildArguments(recipe: string, out: string): Promise<readonly string[]> {
  const packages = (await readFile(join(recipe, 'packages'), 'utf8')).trim().split('\n')
  const unwanted = ['doc', 'man', 'locale', 'info'].map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`)
  const embed = `${quote(['sh', `${recipe}/build/embed`])} "$1" ${quote([recipe, out])}`
  const kept = ['--format=null', `--include=${packages.join(',')}`, `--customize-hook=${embed}`]
  return [...kept, ...unwanted, 'trixie', '/dev/null']
}

/** Reports the steps of mmdebstrap, which prints lines like `I: downloading packages with apt...`. */
function steps(report: ImageBuild['report']): (chunk: Uint8Array) => void {
  return (chunk) => {
    for (const [, step] of new TextDecoder()
      .decode(chunk)
      .matchAll(/^I: ((?:running apt|downl|extract|install|make).*?)(?:\.\.\.)?$/gm))
      if (step !== undefined) report(step)
  }
}

/** Unpacks to a temporary folder, and renames it when complete. */
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
    // Another process was faster.
    if ((cause as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw cause
  }
}

async function currentFiles(): Promise<GuestFiles> {
  const folder = join(cacheFolder(), `${prefix}${(await readRecipe()).digest}`)
  return { folder, root: join(folder, 'root'), image: join(folder, 'image') }
}
