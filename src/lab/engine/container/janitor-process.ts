// Waits for the end of its input, then removes containers of a lab that were created and never started. See janitor.ts.
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import Dockerode from 'dockerode'
import type { JanitorTask } from './janitor.ts'
import { labels } from './labels.ts'

let task: JanitorTask | undefined
for await (const line of createInterface({ input: process.stdin })) task ??= JSON.parse(line) as JanitorTask

if (task !== undefined) {
  const { engine, run, lab } = task
  const docker = new Dockerode(engine as Dockerode.DockerOptions)
  const filters = { label: [`${labels.run}=${run}`, `${labels.lab}=${lab}`], status: ['created'] }
  // Tries several times: a request that was under way when its sender ended may still create a container.
  for (let round = 0; round < 10; round++) {
    const containers = await docker.listContainers({ all: true, filters }).catch(() => [])
    for (const { Id } of containers)
      await docker
        .getContainer(Id)
        .remove({ force: true })
        .catch(() => {})
    await delay(500)
  }
}
