import assert from 'node:assert/strict'
import {
  closeSync,
  cpSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { openContentReader } from '../content/open-reader.ts'
import { createTarget } from '../generate/create.ts'
import { readShape } from '../generate/read-shape.ts'
import { LocalShell } from '../shell/local.ts'
import { type AssessmentRequest, assess } from './assess.ts'
import { type Assessed, assessTargets, scratch } from './assessment.fixture.ts'
import type { ReadContent } from './judge/content-port.ts'
import type { SiteDescription } from './site/site-description.ts'

const site: SiteDescription = { base: '/var/triliovault-mounts', rule: 'share', shares: ['10.10.2.20:/upstream'] }

describe('a target with data, judged by its content', () => {
  const folder = scratch('content')
  const target = join(folder, 'target')
  const secretsFolder = join(folder, 'secrets')
  let images: readonly string[] = []
  let untouched: readonly string[] = []

  before(async () => {
    const shape = { workloads: 1, vms: 1, disks: 1, snapshots: 3, encrypted: 1, diskSize: '1GiB' }
    await createTarget({
      directory: target,
      shape: readShape(undefined, shape),
      secretsFolder,
      dataBy: new LocalShell(),
    })
    const judged = await assessTargets([target], { site })
    images = judged.images.toSorted((a, b) => a.links - b.links).map(({ path }) => path)
    assert.equal(images.length, 3)
    untouched = stateOf(target)
  })

  /** The states of the disks with their defects, the oldest snapshot first. */
  async function states(root: string, withSecrets = true): Promise<readonly string[]> {
    const readContent = await openContentReader(withSecrets ? { secretsFolder } : {})
    const { images: judged }: Assessed = await assessTargets([root], { site, depth: 'content', readContent })
    return judged
      .toSorted((a, b) => a.links - b.links)
      .map(({ state, defect }) => (defect === undefined ? state : `${state}: ${defect.code}`))
  }

  async function changed(change: (root: string) => void): Promise<readonly string[]> {
    const root = join(folder, 'copy')
    cpSync(target, root, { recursive: true })
    try {
      change(root)
      return await states(root)
    } finally {
      rmSync(root, { recursive: true })
    }
  }

  it('is restorable if its content is the recorded one, and unknown without its secret', async () => {
    assert.deepEqual(await states(target), ['restorable', 'restorable', 'restorable'])
    assert.deepEqual(await states(target, false), Array(3).fill('unknown: content-unknown'))
  })
  it('is broken from the link on whose content differs, although all tables are sound', async () => {
    const found = await changed((root) => {
      const path = join(root, images[1] ?? '')
      const file = openSync(path, 'r+')
      // The last cluster of the file is data.
      writeSync(file, Buffer.alloc(512, 7), 0, 512, statSync(path).size - 4096)
      closeSync(file)
    })
    assert.deepEqual(found, ['restorable', 'broken: wrong-content', 'broken: wrong-content'])
  })
  it('is broken if the end of the last cluster is missing and a digest was recorded', async () => {
    const cut = (root: string) => {
      const path = join(root, images[0] ?? '')
      truncateSync(path, statSync(path).size - 1024)
    }
    assert.deepEqual(await changed(cut), Array(3).fill('broken: wrong-content'))
    const withoutRecord = (root: string) => {
      cut(root)
      for (const image of images) {
        const record = join(root, image, '..', 'disk_db')
        writeFileSync(record, readFileSync(record, 'utf8').replaceAll('content_digest', 'no_digest'))
      }
    }
    assert.deepEqual(
      (await changed(withoutRecord)).map((state) => state.split(':')[0]),
      Array(3).fill('unknown'),
    )
  })
  it('reports how much was read, up to the total', async () => {
    const told: (readonly [done: number, total: number])[] = []
    const onContent = (done: number, total: number) => void told.push([done, total])
    const request: AssessmentRequest = {
      targets: [target],
      site,
      depth: 'content',
      readContent: await openContentReader({ secretsFolder }),
      concurrency: 1,
      answerWithinMs: 20_000,
      nowMs: 0,
      failOn: [],
    }
    await assess(request, { onContent }, new AbortController().signal)
    const bytes = images.map((path) => statSync(join(target, path)).size)
    // Each disk is read separately, so that the full image counts for all of them.
    const total = bytes.reduce((sum, size, link) => sum + size * (images.length - link), 0)
    assert.ok(told.length > images.length, JSON.stringify(told))
    assert.deepEqual(new Set(told.map(([, of]) => of)), new Set([total]))
    assert.equal(told.at(-1)?.[0], total)
    assert.ok(told.every(([done], nth) => done >= (told[nth - 1]?.[0] ?? 1)))
  })
  it('is read once, not for each disk, if its share does not answer', async () => {
    let asked = 0
    const readContent: ReadContent = async () => {
      asked++
      return { kind: 'unknown', reason: 'not answering', why: 'nothing came' }
    }
    const concurrency = 1
    const { summary, text } = await assessTargets([target], { site, depth: 'content', readContent, concurrency })
    assert.equal(asked, 1)
    assert.equal(summary.exitCode, 3)
    assert.deepEqual(summary.unseen, [`${target}: no answer while content was read: nothing came`])
    assert.match(text, /^INCOMPLETE: /)
  })
  it('is left unchanged', () => assert.deepEqual(stateOf(target), untouched))
})

/** Everything that a write would change. */
function stateOf(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const { mode, size, mtimeNs, ctimeNs } = statSync(join(root, name), { bigint: true })
      return [name, mode, size, mtimeNs, ctimeNs].join(' ')
    })
}
