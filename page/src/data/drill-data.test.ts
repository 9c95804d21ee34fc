import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEntry } from '../../../src/journal/journal.ts'
import { sampleJournal } from '../../../src/report/page/sample-journal.fixture.ts'
import { chainsOf } from './chains.ts'
import { readMounts } from './mount-lines.ts'
import { merged, timelineOf } from './timeline.ts'
import { topologyOf } from './topology.ts'
import { pictureOf } from './topology-graph.ts'

const originPath = '/var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0='
const localPath = '/var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ=='
const node = 'recovery/compute-1'

/** The entries of the first drill of a sample. */
const drill = (outcome: 'passed' | 'failed'): readonly JournalEntry[] =>
  sampleJournal([{ outcome }]).filter((entry) => entry.drill === 'd1')

const without = (...kinds: readonly string[]): readonly JournalEntry[] =>
  drill('passed').filter(
    (entry) => !kinds.includes(entry.kind) || (entry.kind === 'observation' && entry.subject !== 'mount table'),
  )

describe('the timeline of a drill', () => {
  it('has its phases, a lane for each node, and its faults and reboots', () => {
    const at = '2026-11-01T00:00:00.000Z'
    const power: JournalEntry = { seq: 99, at, kind: 'observation', subject: 'power', where: node, facts: 'rebooted' }
    const timeline = timelineOf([...drill('passed'), power]) ?? assert.fail()
    assert.deepEqual(
      timeline.phases.map(({ label }) => label),
      ['provision', 'back up', 'recover', 'restore', 'tear down'],
    )
    assert.deepEqual(
      timeline.lanes.map(({ node: name, spans }) => [name, spans.length]),
      [[node, 3]],
    )
    assert.deepEqual(
      timeline.marks.map(({ kind, label }) => `${kind} ${label}`),
      ['fault site loss: site primary', `power ${node}: rebooted`],
    )
    assert.equal(timelineOf([]), undefined)
  })

  it('shows a phase without an end as bad', () => {
    const entries = drill('passed').filter(({ kind }) => kind !== 'phase-ended')
    assert.equal(timelineOf(entries)?.phases.at(-1)?.isBad, true)
  })

  it('draws spans that are too close as one, and keeps failed ones apart', () => {
    const span = (startMs: number, isBad = false) => ({
      startMs,
      endMs: startMs + 1,
      label: `c${startMs}`,
      seq: startMs,
      isBad,
    })
    const spans = merged([span(0), span(2), span(4), span(5, true), span(90)], 10)
    assert.deepEqual(
      spans.map(({ startMs, endMs, label }) => [startMs, endMs, label]),
      [
        [0, 5, '3 commands, the first one: c0'],
        [5, 6, 'c5'],
        [90, 91, 'c90'],
      ],
    )
  })
})

describe('the topology of a drill', () => {
  const pathsOf = (entries: readonly JournalEntry[], when: 'before' | 'after') =>
    topologyOf(entries)[when].nodes.find(({ name }) => name === node)?.paths

  it('has the mounts of the recorded tables, and a bind that the recovery made', () => {
    const mounted = { path: localPath, share: '10.20.2.20:/replica' }
    assert.deepEqual(pathsOf(drill('passed'), 'before'), [mounted])
    assert.deepEqual(pathsOf(drill('passed'), 'after'), [
      mounted,
      { path: originPath, share: '10.20.2.20:/replica', boundFrom: localPath },
    ])
  })

  it('marks a share that only the name of a path shows', () => {
    const entries = without('observation')
    assert.deepEqual(pathsOf(entries, 'before'), [{ path: localPath, share: '10.20.2.20:/replica', isByName: true }])
    assert.equal(pathsOf(entries, 'after')?.at(-1)?.boundFrom, localPath)
  })

  it('does not have a bind that was begun and not done, or undone', () => {
    const begun = without('observation').filter((entry) => entry.kind !== 'action' || entry.outcome === 'begun')
    assert.equal(pathsOf(begun, 'after')?.length, 1)
    const at = '2026-11-01T00:00:00Z'
    const action = { kind: 'unbind', origin: originPath }
    const undone: JournalEntry = { seq: 99, at, kind: 'action', where: node, action, outcome: 'done' }
    assert.equal(pathsOf([...without('observation'), undone], 'after')?.length, 1)
  })

  it('is laid out so that no two boxes of paths overlap', () => {
    const { boxes, arrows, width, height } = pictureOf(topologyOf(drill('passed')).after)
    assert.deepEqual(
      arrows.map(({ kind }) => kind),
      ['mount', 'bind'],
    )
    const paths = boxes.filter(({ kind }) => kind === 'path')
    assert.equal(paths.length, 2)
    for (const [index, one] of paths.entries()) {
      assert.ok(one.x >= 0 && one.y >= 0 && one.x + one.width <= width && one.y + one.height <= height)
      for (const other of paths.slice(index + 1))
        assert.ok(one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y)
    }
  })
})

describe('the chains of a drill', () => {
  const links = (entries: readonly JournalEntry[], index: number) =>
    chainsOf(entries)[0]?.restores[index]?.links.map(({ snapshot, state, why }) => [snapshot, state, why])

  it('are good link by link where the content was restored', () => {
    assert.deepEqual(links(drill('passed'), 1), [
      [2, 'good', undefined],
      [1, 'good', undefined],
    ])
  })

  it('are bad at the link that the reason names, and good only where evidence shows it', () => {
    const [first, second] = links(drill('failed'), 1) ?? []
    assert.deepEqual(first, [2, 'not seen', undefined])
    assert.deepEqual(second?.slice(0, 2), [1, 'bad'])
    assert.match(String(second?.[2]), /is missing on recovery\/compute-1$/)
  })

  it('are bad as a whole where the content is wrong', () => {
    const entries = drill('passed').map((entry) =>
      entry.kind === 'restore' ? { ...entry, restore: { ...entry.restore, digest: '0' } } : entry,
    )
    assert.deepEqual(links(entries, 1), [
      [2, 'bad', 'wrong content'],
      [1, 'not seen', undefined],
    ])
  })
})

describe('a mount table', () => {
  it('is read with its escaped characters', () => {
    const [line] = readMounts('30 20 0:24 /a\\040b /m\\134n rw - nfs4 h:/x\\040y rw\n') ?? []
    assert.deepEqual([line?.root, line?.mountPoint, line?.source], ['/a b', '/m\\n', 'h:/x y'])
  })

  it('is not read if any line has another form', () => {
    assert.equal(readMounts('a on /\n30 20 0:24 / / rw - ext4 x rw'), undefined)
    assert.equal(readMounts(7), undefined)
  })
})
