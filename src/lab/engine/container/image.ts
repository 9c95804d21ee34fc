import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Dockerode from 'dockerode'
import { MachineError } from '../../../errors.ts'
import type { Shell } from '../../../shell/shell.ts'
import { ask, dockerClient } from './client.ts'

const recipe = fileURLToPath(new URL('../../../../containers/guest/', import.meta.url))
const publicBase = 'debian:trixie-slim'
const bootstrappedBase = 'dr-drill/base:trixie'
const repository = 'dr-drill/guest'

export interface GuestImageOptions {
  readonly shell: Shell
  /** Takes one line at a time: what is being done now. */
  readonly report: (line: string) => void
  /** Installs packages on this machine, or throws a MachineError with the command to do so. */
  readonly install: (packages: readonly string[], why: string) => Promise<void>
}

/** Builds the guest image unless the one of today's recipe is there. */
export async function ensureGuestImage(
  options: GuestImageOptions,
): Promise<{ readonly tag: string; readonly built: boolean }> {
  const docker = await dockerClient()
  const { tag, files } = await readRecipe()
  if (await has(docker, tag)) return { tag, built: false }
  const base = await ensureBase(docker, options)
  options.report('building the guest image')
  const stream = await ask(
    'build the guest image',
    docker.buildImage({ context: recipe, src: files }, { t: tag, buildargs: { BASE: base }, rm: true, forcerm: true }),
  )
  await follow(docker, stream, 'building the guest image', options.report)
  if (!(await has(docker, tag))) throw new MachineError('image-not-built', `the engine built no image ${tag}`)
  return { tag, built: true }
}

/** @throws MachineError when the image of today's recipe is not there */
export async function requireGuestImage(docker: Dockerode): Promise<string> {
  const { tag } = await readRecipe()
  if (await has(docker, tag)) return tag
  throw new MachineError('image-missing', `the guest image ${tag} is not there`, { remedy: './drill setup' })
}

/** Removes guest images, of any recipe, and what was left of building them. Gives their names. */
export async function removeGuestImages(dryRun: boolean): Promise<readonly string[]> {
  const docker = await dockerClient()
  const images = await ask('list images', docker.listImages({ all: false, filters: { label: ['dr-drill.image'] } }))
  const base = await ask('list images', docker.listImages({ filters: { reference: [bootstrappedBase] } }))
  const removed: string[] = []
  for (const { Id, RepoTags } of [...images, ...base]) {
    removed.push(RepoTags?.find((tag) => !tag.startsWith('<none>')) ?? Id.slice(7, 19))
    if (!dryRun)
      await docker
        .getImage(Id)
        .remove({ force: true })
        .catch(() => {})
  }
  return removed
}

/** The image's tag is a digest of all that goes into it. */
async function readRecipe(): Promise<{ readonly tag: string; readonly files: string[] }> {
  const entries = await readdir(recipe, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(recipe.length))
    .sort()
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(await readFile(join(recipe, file)))
      .update('\0')
  return { tag: `${repository}:${hash.digest('hex').slice(0, 16)}`, files }
}

async function has(docker: Dockerode, tag: string): Promise<boolean> {
  const images = await ask('list images', docker.listImages({ filters: { reference: [tag] } }))
  return images.length > 0
}

/** The public base image where it is there or can be pulled; else one bootstrapped from the Debian mirror. */
async function ensureBase(docker: Dockerode, { shell, report, install }: GuestImageOptions): Promise<string> {
  for (const image of [publicBase, bootstrappedBase]) if (await has(docker, image)) return image
  try {
    report(`pulling ${publicBase}`)
    const stream = await ask(`pull ${publicBase}`, docker.pull(publicBase), 60_000)
    await follow(docker, stream, `pulling ${publicBase}`, report)
    return publicBase
  } catch (error) {
    report(`${publicBase} cannot be pulled (${(error as Error).message.split('\n')[0]}); bootstrapping Debian instead`)
  }
  const present = await shell.try(['mmdebstrap', '--version'])
  if (present.exitCode !== 0) await install(['mmdebstrap'], 'to bootstrap the base of the guest image')
  const folder = await mkdtemp(join(tmpdir(), 'dr-drill-base-'))
  try {
    const tar = join(folder, 'base.tar')
    await shell.run(['mmdebstrap', '--variant=minbase', 'trixie', tar], { deadlineMs: 600_000, stallMs: 120_000 })
    report('importing the base image')
    const [name, tag] = bootstrappedBase.split(':')
    await follow(
      docker,
      await ask('import the base image', docker.importImage(createReadStream(tar), { repo: name, tag })),
      'importing the base image',
      report,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return bootstrappedBase
}

/** Waits for the end of an engine's progress stream. @throws MachineError with the last lines of its output */
async function follow(
  docker: Dockerode,
  stream: NodeJS.ReadableStream,
  what: string,
  report: (line: string) => void,
): Promise<void> {
  const lines: string[] = []
  await new Promise<void>((resolve, reject) => {
    let broken: string | undefined
    const end = (error: Error | null): void => {
      const why = error?.message ?? broken
      if (why === undefined) resolve()
      else reject(new MachineError('image-failed', `${what}: ${why}\n${lines.slice(-20).join('')}`, { cause: error }))
    }
    docker.modem.followProgress(stream, end, (event: { stream?: string; error?: string }) => {
      // What goes wrong in the middle is an event like any other to the client.
      broken ??= event.error
      if (event.stream === undefined) return
      lines.push(event.stream)
      const [step] = /^Step \d+\/\d+/.exec(event.stream) ?? []
      if (step !== undefined) report(`${what}: ${step.toLowerCase()}`)
    })
  })
}
