import type { Duplex } from 'node:stream'
import type Dockerode from 'dockerode'
import { parseIdentity } from '../../../localhost/process-identity.ts'
import type { Engine, EngineHost, Hub, HubOptions, Residue } from '../engine.ts'
import { type ImageBuild, imageMissing } from '../recipe.ts'
import { dockerClient, engineAnswer, isGone } from './client.ts'
import { engineHostOf } from './engine-host.ts'
import { openHub } from './hub.ts'
import { relay } from './hub-relay.ts'
import { buildContainerImage, findContainerImage, removeContainerImages } from './image.ts'
import { labels } from './labels.ts'

/** Opens the engine that testcontainers finds. Each guest has a container. */
export async function openContainerEngine(): Promise<Engine> {
  return new ContainerEngine(await dockerClient())
}

class ContainerEngine implements Engine {
  readonly name = 'container'
  readonly #docker: Dockerode
  #image: string | undefined

  constructor(docker: Dockerode) {
    this.#docker = docker
  }

  async check(): Promise<{ readonly version: string }> {
    const { Version } = await engineAnswer('report its version', this.#docker.version(), 10_000)
    return { version: Version }
  }

  host = (): Promise<EngineHost> => engineHostOf(this.#docker)
  image = (): Promise<string | undefined> => findContainerImage(this.#docker)
  buildImage = (build: ImageBuild): Promise<string> => buildContainerImage(this.#docker, build)
  removeImages = (dryRun: boolean): Promise<readonly string[]> => removeContainerImages(this.#docker, dryRun)

  async openHub(options: HubOptions): Promise<Hub> {
    // All labs of a run use the same image, even if someone edits its recipe meanwhile.
    this.#image ??= await this.image()
    if (this.#image === undefined) throw imageMissing(this.name)
    return openHub(this.#docker, this.#image, options)
  }

  connectTo(hubId: string, address: string, port: number): Promise<Duplex> {
    return relay(this.#docker, hubId, address, port)
  }

  async residue(): Promise<readonly Residue[]> {
    const filters = { label: [labels.run] }
    const [containers, networks, volumes] = await Promise.all([
      engineAnswer('list containers', this.#docker.listContainers({ all: true, filters })),
      engineAnswer('list networks', this.#docker.listNetworks({ filters })),
      engineAnswer('list volumes', this.#docker.listVolumes({ filters })),
    ])
    return [
      ...containers.map(({ Id, Labels, State }) => ({
        ...found('container', Id, Labels, Labels[labels.machine]),
        running: State === 'running',
      })),
      ...networks.map(({ Id, Name, Labels }) => found('network', Id, Labels, Name)),
      ...(volumes.Volumes ?? []).map(({ Name, Labels }) => found('volume', Name, Labels, Name)),
    ]
  }

  async remove({ kind, id }: Residue): Promise<void> {
    const remove = {
      container: () => this.#docker.getContainer(id).remove({ force: true, v: true }),
      network: () => this.#docker.getNetwork(id).remove(),
      volume: () => this.#docker.getVolume(id).remove({ force: true }),
    }[kind as 'container' | 'network' | 'volume']
    try {
      await engineAnswer(`remove the ${kind} ${id.slice(0, 12)}`, remove())
    } catch (error) {
      if (!isGone((error as Error).cause)) throw error
    }
  }
}

function found(kind: Residue['kind'], id: string, its: Record<string, string> | undefined, name = id): Residue {
  const residue = { kind, id, run: its?.[labels.run] ?? '', name }
  // A label that is not ours must not hide the rest of the residue. It counts as no label.
  const owner = parseIdentity(its?.[labels.owner])
  return owner === undefined ? residue : { ...residue, owner }
}
