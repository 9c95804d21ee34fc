import type Dockerode from 'dockerode'
import { getContainerRuntimeClient } from 'testcontainers'
import { within } from '../../../concurrency/deadline.ts'
import { MachineError } from '../../../errors.ts'
import { invocation } from '../../../localhost/invocation.ts'

/** Connects to the engine that testcontainers finds (DOCKER_HOST, the default socket, rootless …). */
export async function dockerClient(): Promise<Dockerode> {
  try {
    const client = await within(20_000, 'a container engine', getContainerRuntimeClient())
    return client.container.dockerode
  } catch (cause) {
    throw new MachineError('engine-missing', 'no container engine answers', {
      cause,
      remedy: `Run ${invocation} setup --engine container, or set DOCKER_HOST to a running engine.`,
    })
  }
}

/** Maximum time of a request to the engine. */
const requestDeadlineMs = 45_000

/**
 * Waits for the answer to a request.
 * @param what completes the message "the container engine cannot …"
 * @throws MachineError if the request fails or times out
 */
export async function engineAnswer<T>(what: string, request: Promise<T>, deadlineMs = requestDeadlineMs): Promise<T> {
  try {
    return await within(deadlineMs, `the container engine to ${what}`, request)
  } catch (cause) {
    if (cause instanceof MachineError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MachineError('engine-failed', `the container engine cannot ${what}: ${why}`, { cause })
  }
}

/** True if the engine reports that the object does not exist, or is being removed. */
export function isGone(error: unknown): boolean {
  const status = (error as { statusCode?: number } | undefined)?.statusCode
  return status === 404 || status === 409 || status === 304
}
