import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sampledChains } from './chains.ts'

const [here, old, older] = ['/mnt/aGVyZQ==', '/mnt/b2xk', '/mnt/b2xkZXI=']
const at = (snapshot: number, disk: string) => `workload_1/snapshot_${snapshot}/vm_id_1/vm_res_id_${snapshot}_${disk}/i`
const image = (snapshot: number, disk: string, origin?: string) => ({
  target: 0,
  path: at(snapshot, disk),
  ...(origin !== undefined && { parent: `${origin}/${at(snapshot - 1, disk)}` }),
  uid: 1,
  gid: 1,
  mtime: snapshot,
})
const topsOf = (images: Parameters<typeof sampledChains>[0]) =>
  sampledChains(images, { targets: [here] }).map(({ links }) => links[0]?.path.slice(here.length + 1))

it('a sample has the newest chain of each disk', () => {
  const images = [image(0, 'vda'), image(1, 'vda', old), image(2, 'vda', old), image(0, 'vdb'), image(1, 'vdb', old)]
  assert.deepEqual(topsOf(images), [at(2, 'vda'), at(1, 'vdb')])
})

it('a sample has a chain through every origin path that an image names', () => {
  const images = [image(0, 'vda'), image(1, 'vda', older), image(2, 'vda'), image(3, 'vda', old)]
  assert.deepEqual(topsOf(images), [at(3, 'vda'), at(1, 'vda')])
})
