import assert from 'node:assert/strict'
import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { assessTargets, scratch } from './assessment.fixture.ts'
import type { ImageVerdict } from './judge/verdict.ts'
import { assessWhere, readOut, targetWithData } from './truth.fixture.ts'

/** Compares verdicts with what qemu-img reads out of the images, and with what was backed up. */
describe('verdicts agree with restores', () => {
  const folder = scratch('truth')
  const root = join(folder, 'target')
  let recorded: ReadonlyMap<string, string>

  before(async () => {
    recorded = await targetWithData(root, {
      seed: 'truth',
      workloads: 3,
      snapshots: 4,
      vms: '1-2',
      disks: '1-2',
      upgradeAfter: 2,
      upgradeTo: '4.2',
      fullEvery: 3,
      imageBooted: 1,
      addedDisks: 1,
    })
  })

  const namesOf = (target: string, images: readonly ImageVerdict[]) =>
    images.filter(({ isThere }) => isThere).map(({ path }) => [path, join(target, path)] as const)

  /** True for each image that restores as it was backed up. */
  function restored(target: string, images: readonly ImageVerdict[], origins: readonly string[]) {
    const contents = readOut(
      namesOf(target, images),
      origins.map((origin) => [target, origin]),
    )
    return new Map([...contents].map(([path, digest]) => [path, digest !== undefined && digest === recorded.get(path)]))
  }

  /** Compares all verdicts with the truth, before and after recovery. Returns the number of each state. */
  async function holds(target: string): Promise<Record<string, number>> {
    const { images, summary } = await assessTargets([target])
    const there = images.filter(({ isThere }) => isThere)
    const origins = summary.originPaths.map(({ path }) => path)
    const now = restored(target, there, [])
    const later = restored(target, there, origins)
    for (const { path, state, defect } of there) {
      const about = `${state} ${defect?.code ?? ''} ${defect?.why ?? ''} ${path}`
      if (state === 'restorable') assert.deepEqual([now.get(path), later.get(path)], [true, true], about)
      if (state === 'after-recovery') assert.deepEqual([now.get(path), later.get(path)], [false, true], about)
      if (state === 'broken') assert.deepEqual([now.get(path), later.get(path)], [false, false], about)
    }
    // Once the origin paths exist, everything is restorable, by the mount table of this host.
    const binds = origins.map((origin) => [target, origin] as const)
    const after = new Map(assessWhere(binds, [target]).map((image) => [image.path, image.state]))
    for (const { path, state } of there)
      assert.equal(after.get(path), state === 'after-recovery' ? 'restorable' : state, path)
    return Object.fromEntries([...Map.groupBy(there, ({ state }) => state)].map(([state, of]) => [state, of.length]))
  }

  it('for a sound target with chains across an upgrade', async () => {
    const states = await holds(root)
    assert.deepEqual(Object.keys(states).toSorted(), ['after-recovery', 'restorable'])
  })

  it('for each listed origin path: without it restores fail', async () => {
    const { images, summary } = await assessTargets([root])
    assert.equal(summary.originPaths.length, 2)
    for (const missing of summary.originPaths) {
      const others = summary.originPaths.filter(({ path }) => path !== missing.path).map(({ path }) => path)
      const truth = restored(root, images, others)
      for (const { path, needs } of images)
        assert.equal(truth.get(path), !needs.some(({ originPath }) => originPath === missing.path), path)
    }
  })

  it('for another share at the origin path', async () => {
    const wrong = join(folder, 'wrong')
    cpSync(root, wrong, { recursive: true })
    const { images, summary } = await assessTargets([root])
    // The other target has valid images at the same paths, with other content.
    const [first] = images.filter(({ links }) => links === 1)
    writeFileSync(
      join(wrong, first?.path ?? ''),
      readFileSync(join(wrong, images.find(({ links }) => links > 1)?.path ?? '')),
    )
    const binds = summary.originPaths.map(({ path }) => [wrong, path] as const)
    assert.deepEqual(
      assessWhere(binds, [root]).map(({ path, state }) => [path, state]),
      images.map(({ path, state }) => [path, state]),
    )
  })

  /** The images of a copy, the most used first. */
  async function copy(name: string): Promise<{ target: string; images: readonly string[] }> {
    const target = join(folder, name)
    cpSync(root, target, { recursive: true })
    const { images } = await assessTargets([target])
    return { target, images: images.toSorted((a, b) => a.links - b.links).map(({ path }) => join(target, path)) }
  }

  it('for missing images', async () => {
    const { target, images } = await copy('missing')
    for (const path of images.filter((_, nth) => nth % 7 === 0)) rmSync(path)
    assert.ok(Number((await holds(target))['broken']) > 0)
  })

  it('for images that are cut anywhere', async () => {
    const { target, images } = await copy('cut')
    for (const [nth, path] of images.entries())
      if (nth % 3 === 0) truncateSync(path, Math.floor((statSync(path).size * (1 + (nth % 17))) / 18))
    const states = await holds(target)
    assert.ok(Number(states['broken']) > 0, JSON.stringify(states))
  })

  it('for garbage and unreadable records', async () => {
    const { target, images } = await copy('garbage')
    for (const [nth, path] of images.entries()) {
      if (nth % 9 === 0) writeFileSync(path, Buffer.alloc(300_000, nth + 1))
      if (nth % 9 === 1) writeFileSync(join(path, '../disk_db'), '[{')
      if (nth % 9 === 2) rmSync(join(path, '../../../snapshot_db'))
    }
    assert.ok(Number((await holds(target))['broken']) > 0)
  })

  it('for images that were swapped', async () => {
    const { target, images } = await copy('swapped')
    // Only their content distinguishes full images from each other.
    for (let nth = 2; nth < images.length / 2; nth += 3) {
      const [one, other] = [images[nth], images.at(-nth)]
      if (one === undefined || other === undefined) continue
      const bytes = readFileSync(one)
      writeFileSync(one, readFileSync(other))
      writeFileSync(other, bytes)
    }
    const states = await holds(target)
    assert.ok(Number(states['broken']) > 0, JSON.stringify(states))
  })

  it('and leave the target unchanged', async () => {
    const look = () =>
      readdirSync(root, { recursive: true, withFileTypes: true })
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => `${path} ${statSync(path).mtimeMs} ${statSync(path).ctimeMs} ${statSync(path).size}`)
    const before = look()
    await assessTargets([root])
    assert.deepEqual(look(), before)
  })
})
