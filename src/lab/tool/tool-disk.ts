import { execFile } from 'node:child_process'
import { chmod, copyFile, cp, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { MachineError } from '../../errors.ts'
import { cacheFolder } from '../../localhost/cache-folder.ts'
import { LeasedFolder } from '../../localhost/leased-folder.ts'
import { findToolFiles, type ToolFiles } from './tool-files.ts'

const run = promisify(execFile)
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }
const prefix = 'tool-'

/** The path of dr-drill in guests, where `init` of the guest image mounts it. */
export const toolInGuest = '/opt/dr-drill/dr-drill'
/** The path of the workload manager in guests. */
export const managerInGuest = '/opt/dr-drill/workloadmgr'

/**
 * Returns a disk with dr-drill and its Node.js: an archive with a sparse file `tool`. It is made once, and kept in the
 * cache.
 * @throws MachineError if the disk cannot be made
 */
export async function toolDisk(): Promise<string> {
  const files = findToolFiles()
  const disk = join(cacheFolder(), `${prefix}${files.digest}.tar`)
  if ((await stat(disk).catch(() => undefined)) === undefined) await make(disk, files)
  return disk
}

/** Removes the disks of all versions, and the remains of interrupted builds, unless `dryRun`. Returns their paths. */
export async function removeToolDisks(dryRun: boolean): Promise<readonly string[]> {
  const names = await readdir(cacheFolder()).catch(() => [])
  const disks = names.filter((name) => name.startsWith(prefix)).map((name) => join(cacheFolder(), name))
  if (!dryRun) for (const disk of disks) await rm(disk, { recursive: true, force: true })
  return disks
}

async function make(disk: string, files: ToolFiles): Promise<void> {
  await using half = await LeasedFolder.inCache(prefix)
  const [content, image, archive] = [join(half.path, 'content'), join(half.path, 'tool'), join(half.path, 'tool.tar')]
  await lay(content, files)
  try {
    const { stdout } = await run('du', ['-sm', content], { env: environment })
    const sizeMib = Math.ceil(Number.parseInt(stdout, 10) * 1.1) + 32
    const plain = ['-q', '-t', 'ext4', '-O', '^has_journal', '-m', '0', '-E', 'root_owner=0:0']
    await run('mke2fs', [...plain, '-d', content, image, `${sizeMib}M`], { env: environment })
    await run('tar', ['--sparse', '-cf', archive, '-C', half.path, basename(image)], { env: environment })
  } catch (cause) {
    throw new MachineError('tool-disk', `cannot make the disk with dr-drill: ${(cause as Error).message}`, {
      cause,
      remedy: 'Install mke2fs: apt-get install e2fsprogs',
    })
  }
  await rename(archive, disk)
}

/** Lays out the disk: Node.js, the packages in the same relative folders as here, and programs that start them. */
async function lay(content: string, tool: ToolFiles): Promise<void> {
  const { base, own, packages, files, isCheckout } = tool
  const app = join(content, 'app')
  await mkdir(app, { recursive: true })
  await copyFile(process.execPath, join(content, 'node'))
  for (const one of packages) {
    const from = join(base, one)
    const inner = join(from, 'node_modules')
    await cp(from, join(app, one), { recursive: true, dereference: true, filter: (path) => path !== inner })
  }
  if (isCheckout) await compile(join(base, own), join(app, own, 'dist'))
  for (const file of files.filter((one) => !/\.ts$|^tsconfig/.test(one))) {
    const to = join(app, own, isCheckout && file.startsWith('src/') ? 'dist' : '', file)
    await mkdir(dirname(to), { recursive: true })
    await copyFile(join(base, own, file), to)
  }
  await layProgram(content, own, toolInGuest, 'cli/bin.js')
  await layProgram(content, own, managerInGuest, 'workloadmgr/bin.js')
}

/** Writes a program of the disk, which starts one of the package's own. */
async function layProgram(content: string, own: string, inGuest: string, entry: string): Promise<void> {
  const [program, at] = [join(content, basename(inGuest)), dirname(inGuest)]
  const start = `exec ${at}/node '${join(at, 'app', own, 'dist/src', entry)}' "$@"`
  await writeFile(program, `#!/bin/sh\nexport DR_DRILL_PROGRAM=${inGuest}\n${start}\n`)
  await chmod(program, 0o755)
}

/**
 * Compiles the sources, as for a package. Node.js can run the sources, but each of its threads would then load a compiler,
 * which takes seconds in a guest.
 */
async function compile(checkout: string, to: string): Promise<void> {
  const compiler = join(checkout, 'node_modules/typescript/bin/tsc')
  const how = ['-p', 'tsconfig.build.json', '--noCheck', '--declaration', 'false', '--outDir', to]
  try {
    await run(process.execPath, [compiler, ...how], { cwd: checkout, env: environment })
  } catch (cause) {
    throw new MachineError('tool-disk', `cannot compile dr-drill for its disk: ${(cause as Error).message}`, {
      cause,
      remedy: 'Install the development dependencies: npm ci',
    })
  }
}
