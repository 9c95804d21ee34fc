import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { allChains, sampledChains } from './chains.ts'

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

describe('the doubt about a chain', () => {
  const named = (path: string, parent?: string, isEncrypted = false) => ({
    ...{ target: 0, path: `workload_1/${path}`, uid: 1, gid: 1, mtime: 0 },
    ...(parent !== undefined && { parent }),
    ...(isEncrypted && { isEncrypted }),
  })
  const long = Array.from({ length: 501 }, (_, index) =>
    named(`${index}`, index === 500 ? undefined : `${old}/workload_1/${index + 1}`),
  )
  const doubtOf = (...images: Parameters<typeof allChains>[0]) => allChains(images, { targets: [here] })[0]?.doubt

  it('has a kind', () => {
    const rows: readonly (readonly [kind: string | undefined, images: Parameters<typeof allChains>[0]])[] = [
      [undefined, [named('a')]],
      [undefined, long.slice(1)],
      ['parent not read', [named('a', `${old}/workload_1/gone`)]],
      ['parent elsewhere', [named('a', '/etc/hostname')]],
      ['parent elsewhere', [named('a', 'nbd://host/x')]],
      ['parent elsewhere', [named('a', 'json:{"driver":"nbd"}')]],
      ['parent elsewhere', [named('a', `${old}/workload_1/b`), named('b', '../c')]],
      ['cycle', [named('a', `${old}/workload_1/a`)]],
      ['cycle', [named('a', `${old}/workload_1/b`), named('b', `${older}/workload_1/a`)]],
      ['cycle', [named('a', `${old}/workload_1/b`), named('b', `${old}/workload_1/b`)]],
      ['too long', long],
      ['no secret', [named('a', undefined, true)]],
      ['no secret', [named('a', `${old}/workload_1/b`), named('b', undefined, true)]],
    ]
    for (const [kind, images] of rows) assert.equal(doubtOf(...images)?.kind, kind, JSON.stringify(images.slice(0, 2)))
  })

  it('names what it is about', () => {
    assert.match(doubtOf(named('a', 'nbd://host/x'))?.sentence ?? '', /: nbd:\/\/host\/x$/)
    assert.match(doubtOf(named('a', `${old}/workload_1/a`))?.sentence ?? '', /^its chain returns to .*\/workload_1\/a$/)
  })
})
