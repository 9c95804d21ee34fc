import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { until } from '../../src/concurrency/deadline.ts'
import { engineSocket } from './engine-proxy.ts'

interface Made {
  readonly Id: string
  readonly RepoTags?: readonly string[] | null
  readonly Labels: Readonly<Record<string, string>> | null
}

/** The images and containers that builds of guest images leave in the engine of this machine. Disposing removes them. */
export class EngineBuilds implements AsyncDisposable {
  readonly #before: ReadonlySet<string>

  private constructor(before: ReadonlySet<string>) {
    this.#before = before
  }

  static async begin(): Promise<EngineBuilds> {
    return new EngineBuilds(new Set([...(await images()), ...(await containers())].map(({ Id }) => Id)))
  }

  /** Containers, and images with a name. Images without one are the engine's build cache. */
  async left(): Promise<readonly string[]> {
    const named = this.#new(await images()).filter(({ RepoTags }) => tagOf(RepoTags) !== undefined)
    return [...this.#new(await containers()).map(({ Id }) => `container ${Id}`), ...named.map(() => 'guest image')]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A build that was killed continues for a moment.
    const remove = async () => {
      for (const { Id } of this.#new(await containers())) await ask('DELETE', `/containers/${Id}?force=true`)
      for (const { Id } of this.#new(await images())) await ask('DELETE', `/images/${Id}?force=true`)
      return this.#new([...(await containers()), ...(await images())]).length === 0 || undefined
    }
    await until('the builds to be removed', remove, { deadlineMs: 60_000, intervalMs: 500 })
  }

  #new(all: readonly Made[]): readonly Made[] {
    return all.filter(({ Id }) => !this.#before.has(Id))
  }
}

function tagOf(tags: Made['RepoTags']): string | undefined {
  return tags?.find((tag) => !tag.startsWith('<none>'))
}

const ours = encodeURIComponent(JSON.stringify({ label: ['dr-drill.image'] }))

async function images(): Promise<readonly Made[]> {
  return JSON.parse(await ask('GET', `/images/json?filters=${ours}`)) as Made[]
}

/** The containers that no drill runs in. */
async function containers(): Promise<readonly Made[]> {
  const all = JSON.parse(await ask('GET', `/containers/json?all=true&filters=${ours}`)) as Made[]
  return all.filter(({ Labels }) => Labels?.['dr-drill.run'] === undefined)
}

async function ask(method: string, path: string): Promise<string> {
  const asked = request({ socketPath: engineSocket, method, path })
  asked.end()
  const [answer] = await once(asked, 'response')
  return await text(answer)
}
