import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type Dockerode from 'dockerode'
import { MachineError } from '../../../errors.ts'
import { LeasedFolder } from '../../../localhost/leased-folder.ts'
import { bootstrap } from '../bootstrap.ts'
import { type ImageBuild, readRecipe, recipeFolder } from '../recipe.ts'
import { engineAnswer } from './client.ts'
import { labels } from './labels.ts'

const publicBase = 'debian:trixie-slim'
const bootstrappedBase = 'dr-drill/base:trixie'
const repository = 'dr-drill/guest'

/** Builds the image of the current recipe, and returns its tag. */
export async function buildContainerImage(docker: Dockerode, build: ImageBuild): Promise<string> {
  const { digest, files } = await readRecipe()
  const tag = `${repository}:${digest}`
  const base = await ensureBase(docker, build)
  build.report('building the guest image')
  const options = { t: tag, buildargs: { BASE: base }, rm: true, forcerm: true }
  const context = { context: recipeFolder, src: [...files] }
  const stream = await engineAnswer('build the guest image', docker.buildImage(context, options))
  await follow(docker, stream, 'building the guest image', build.report)
  if (!(await has(docker, tag))) throw new MachineError('image-not-built', `the engine has not built the image ${tag}`)
  return tag
}

/** Returns the image of the current recipe. Undefined if it does not exist. */
export async function findContainerImage(docker: Dockerode): Promise<string | undefined> {
  const tag = `${repository}:${(await readRecipe()).digest}`
  return (await has(docker, tag)) ? tag : undefined
}

/** Removes guest images of all recipes, and the remains of interrupted builds. Returns their names. */
export async function removeContainerImages(docker: Dockerode, dryRun: boolean): Promise<readonly string[]> {
  const images = await engineAnswer(
    'list images',
    docker.listImages({ all: false, filters: { label: ['dr-drill.image'] } }),
  )
  const base = await engineAnswer('list images', docker.listImages({ filters: { reference: [bootstrappedBase] } }))
  const removed = await removeBuilds(docker, dryRun)
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

/** Removes containers of interrupted builds. The engine's builder keeps no others. */
async function removeBuilds(docker: Dockerode, dryRun: boolean): Promise<string[]> {
  const filters = { label: ['dr-drill.image'], status: ['created', 'exited', 'dead'] }
  const containers = await engineAnswer('list containers', docker.listContainers({ all: true, filters }))
  const builds = containers.filter(({ Labels }) => Labels[labels.run] === undefined)
  if (!dryRun)
    for (const { Id } of builds)
      await docker
        .getContainer(Id)
        .remove({ force: true })
        .catch(() => {})
  return builds.map(({ Id }) => `unfinished build in container ${Id.slice(0, 12)}`)
}

async function has(docker: Dockerode, tag: string): Promise<boolean> {
  const images = await engineAnswer('list images', docker.listImages({ filters: { reference: [tag] } }))
  return images.length > 0
}

/** Returns the public base image if it exists or can be pulled, else one bootstrapped from the Debian mirror. */
async function ensureBase(docker: Dockerode, { shell, report, install }: ImageBuild): Promise<string> {
  for (const image of [publicBase, bootstrappedBase]) if (await has(docker, image)) return image
  try {
    report(`pulling ${publicBase}`)
    const stream = await engineAnswer(`pull ${publicBase}`, docker.pull(publicBase), 60_000)
    await follow(docker, stream, `pulling ${publicBase}`, report)
    return publicBase
  } catch (error) {
    report(`cannot pull ${publicBase} (${(error as Error).message.split('\n')[0]}): bootstrapping Debian instead`)
  }
  const present = await shell.try(['mmdebstrap', '--version'])
  if (present.exitCode !== 0) await install(['mmdebstrap'], 'to bootstrap the base of the guest image')
  await using folder = await LeasedFolder.forSetUp('base')
  const tar = join(folder.path, 'base.tar')
  await bootstrap(shell, ['trixie', tar], { folder: folder.path })
  report('importing the base image')
  const [name, tag] = bootstrappedBase.split(':')
  await follow(
    docker,
    await engineAnswer('import the base image', docker.importImage(createReadStream(tar), { repo: name, tag })),
    'importing the base image',
    report,
  )
  return bootstrappedBase
}

/** Waits for the end of an engine's progress stream. @throws MachineError with the end of its output */
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
      // The client reports an error in the middle as an ordinary event.
      broken ??= event.error
      if (event.stream === undefined) return
      lines.push(event.stream)
      const [step] = /^Step \d+\/\d+/.exec(event.stream) ?? []
      if (step !== undefined) report(`${what}: ${step.toLowerCase()}`)
    })
  })
}
