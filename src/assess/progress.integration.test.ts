import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { type AssessmentListener, type AssessmentRequest, assess } from './assess.ts'
import { assessTargets, createdTarget, imageOf, scratch } from './assessment.fixture.ts'
import type { ReadContent } from './judge/content-port.ts'
import { type Scan, scanTargets } from './scan/scan.ts'

type Report = readonly [done: number, total: number]

describe('the progress of an assessment', () => {
  const target = join(scratch('progress'), 'target')
  const workloads = 4
  /** The length of the images of all chains, each chain separately. */
  let expectedBytes = 0

  before(async () => {
    await createdTarget(target, { workloads, vms: 1, disks: '1-2', snapshots: 3 })
    const { images } = await assessTargets([target])
    const files = new Map(images.map(({ path, fileBytes = 0 }) => [path, fileBytes]))
    const size = Math.max(...files.values())
    assert.equal(Math.min(...files.values()), size, 'images without data are of one length')
    expectedBytes = images.reduce((sum, { links }) => sum + links * size, 0)
  })

  function assessed(listener: AssessmentListener, more: Partial<AssessmentRequest> = {}) {
    const request = { targets: [target], depth: 'tables', concurrency: 2, answerWithinMs: 20_000, nowMs: 0, failOn: [] }
    return assess({ ...request, ...more } as AssessmentRequest, listener, new AbortController().signal)
  }

  /** Reads a part of a chain, in two steps. */
  const readContent: ReadContent = async (links, { onProgress }) => {
    onProgress?.(1000)
    onProgress?.(links.length * 1000)
    return { kind: 'read', digest: 'any', readBytes: 1000 }
  }

  it('counts workloads, of a total that does not move', async () => {
    const reports: Report[] = []
    await assessed({ onProgress: (...report) => reports.push(report) })
    assert.deepEqual(
      reports,
      [1, 2, 3, 4].map((done) => [done, workloads]),
    )
  })

  it('counts bytes while content is read, of a total that does not move', async () => {
    const reports: Report[] = []
    await assessed({ onContent: (...report) => reports.push(report) }, { depth: 'content', readContent })
    assert.deepEqual([...new Set(reports.map(([, total]) => total))], [expectedBytes])
    assert.ok(reports.every(([done], nth) => done >= (reports[nth - 1]?.[0] ?? 0)))
    assert.equal(reports.at(-1)?.[0], expectedBytes)
  })

  it('measures content before it is read only if progress or secrets are reported', async () => {
    const depths: string[] = []
    const scan: Scan = (asked, signal) => {
      depths.push(asked.depth)
      return scanTargets(asked, signal)
    }
    const silent = await assessed({}, { depth: 'content', readContent, scan })
    assert.deepEqual(depths, ['tables'])
    const reporting = await assessed({ onContent: () => {} }, { depth: 'content', readContent, scan })
    assert.deepEqual(depths, ['tables', 'headers', 'tables'])
    assert.deepEqual(silent, reporting)
  })

  it('keeps that total where a chain goes on in another workload', async () => {
    const { images } = await assessTargets([target])
    const top = images.find(({ links }) => links === 3)
    const base = images.find(({ links, workloadId }) => links === 2 && workloadId !== top?.workloadId)
    assert.ok(top && base)
    const name = `/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=/${base.path}`
    writeFileSync(join(target, top.path), imageOf(name))
    const reports: Report[] = []
    await assessed({ onContent: (...report) => reports.push(report) }, { depth: 'content', readContent })
    const [total] = reports[0]?.toReversed() ?? []
    assert.ok(reports.every(([done, of], nth) => of === total && done >= (reports[nth - 1]?.[0] ?? 0)))
    assert.equal(reports.at(-1)?.[0], total)
  })

  it('reaches the total also where nothing can be read', async () => {
    const reports: Report[] = []
    const failing: ReadContent = async () => ({ kind: 'broken', why: 'no' })
    await assessed({ onContent: (...report) => reports.push(report) }, { depth: 'content', readContent: failing })
    const [done, total] = reports.at(-1) ?? []
    assert.equal(done, total)
  })
})
