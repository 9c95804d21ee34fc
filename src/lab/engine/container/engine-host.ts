import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import type Dockerode from 'dockerode'
import type { EngineHost } from '../engine.ts'
import { engineAnswer } from './client.ts'

/** What we need of the engine's answer. */
interface Info {
  readonly Name?: string
  readonly MemTotal?: number
  readonly DockerRootDir?: string
}

/**
 * An engine at a socket is on this machine, or in a virtual one on it. Its folder is ours to look at only where the two
 * have one name: we may be in a container, with the engine's socket and no more of its machine.
 */
export async function engineHostOf(docker: Dockerode): Promise<EngineHost> {
  const { Name, MemTotal = 0, DockerRootDir: folder = '' }: Info = await engineAnswer('say what it has', docker.info())
  const { socketPath } = docker.modem as { readonly socketPath?: string }
  const isHere = socketPath !== undefined
  return {
    isHere,
    ...(MemTotal > 0 && { memoryBytes: MemTotal }),
    ...(isHere && Name === hostname() && existsSync(folder) && { disk: { folder, remedy } }),
  }
}

const remedy = "free disk space there, or have the engine's data on a larger file system (data-root in daemon.json)"
