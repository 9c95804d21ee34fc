import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dockerClient } from './client.ts'
import { findContainerImage, removeContainerImages } from './image.ts'
import { labels } from './labels.ts'

it('removeContainerImages lists containers of interrupted builds, and not those of a drill', async () => {
  const docker = await dockerClient()
  const image = (await findContainerImage(docker)) ?? assert.fail('the guest image is missing')
  // Like a container of the builder, it has the labels of the image.
  const build = await docker.createContainer({ Image: image })
  const machine = await docker.createContainer({ Image: image, Labels: { [labels.run]: 'image-test' } })
  try {
    const names = await removeContainerImages(docker, true)
    assert.ok(names.includes(image))
    const builds = names.filter((name) => name.includes('container'))
    assert.ok(builds.includes(`unfinished build in container ${build.id.slice(0, 12)}`))
    assert.ok(!builds.some((name) => name.includes(machine.id.slice(0, 12))))
  } finally {
    await Promise.all([build, machine].map((container) => container.remove({ force: true })))
  }
})
