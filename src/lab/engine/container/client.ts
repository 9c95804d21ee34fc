import type Dockerode from 'dockerode'
import { getContainerRuntimeClient } from 'testcontainers'
import { within } from '../../../concurrency/deadline.ts'
import { MachineError } from '../../../errors.ts'
import { invocation } from '../../../localhost/invocation.ts'

/** The engine's API where testcontainers finds it (DOCKER_HOST, the default socket, rootless …). */
export async function dockerClient(): Promise<Dockerode> {
  try {
    const client = await within(20_000, 'a container engine', getContainerRuntimeClient())
    return client.container.dockerode
  } catch (cause) {
    throw new MachineError('engine-missing', 'no container engine answers', {
      cause,
      remedy: `${invocation} setup   (or set DOCKER_HOST to one that runs)`,
    })
  }
}

/** How long the engine may take for one request before it counts as not answering. */
const requestDeadlineMs = 45_000

/** One request to the engine. @throws MachineError that says what was asked */
export async function engineAnswer<T>(what: string, request: Promise<T>, deadlineMs = requestDeadlineMs): Promise<T> {
  try {
    return await within(deadlineMs, `the container engine (${what})`, request)
  } catch (cause) {
    if (cause instanceof MachineError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MachineError('engine-failed', `the container engine could not ${what}: ${why}`, { cause })
  }
}

/** Whether the engine says that the thing is not there (any more), or is going. */
export function isGone(error: unknown): boolean {
  const status = (error as { statusCode?: number } | undefined)?.statusCode
  return status === 404 || status === 409 || status === 304
}
