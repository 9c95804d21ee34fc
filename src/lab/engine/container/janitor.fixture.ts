// Creates a container without starting it, prints `ready`, and waits to be killed. Arguments: run, lab.
import { dockerClient } from './client.ts'
import { findContainerImage } from './image.ts'
import { Janitor } from './janitor.ts'
import { labels } from './labels.ts'

const [run = '', lab = ''] = process.argv.slice(2)
const docker = await dockerClient()
new Janitor(docker, run, lab)
const image = await findContainerImage(docker)
if (image === undefined) throw new Error('the guest image is missing')
await docker.createContainer({
  Image: image,
  Labels: { [labels.run]: run, [labels.lab]: lab },
})
process.stdout.write('ready\n')
setInterval(() => {}, 1000)
