import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import type Dockerode from 'dockerode'
import type { EngineHost } from '../engine.ts'
import { engineAnswer } from './client.ts'

/** The used fields of the engine's answer. */
interface Info {
  readonly Name?: string
  readonly MemTotal?: number
  readonly DockerRootDir?: string
}

/**
 * Reads what an engine reports about its host. An engine at a socket is on this machine, or in a virtual machine on it.
 * Its folder is visible to us only if the host names are equal: we may be in a container that has only its socket.
 */
export async function engineHostOf(docker: Dockerode): Promise<EngineHost> {
  const {
    Name,
    MemTotal = 0,
    DockerRootDir: folder = '',
  }: Info = await engineAnswer('report its resources', docker.info())
  const { socketPath } = docker.modem as { readonly socketPath?: string }
  const isHere = socketPath !== undefined
  return {
    isHere,
    ...(MemTotal > 0 && { memoryBytes: MemTotal }),
    ...(isHere && Name === hostname() && existsSync(folder) && { disk: { folder, remedy } }),
  }
}

const remedy = "Free disk space, or move the engine's data to a larger file system (data-root in daemon.json)."
