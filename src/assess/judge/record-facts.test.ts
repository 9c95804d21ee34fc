import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FoundWorkload } from '../scan/found.ts'
import { assessed, foundOf, type Mutable, originPath, siteWith } from './found.fixture.ts'

type Workload = Mutable<FoundWorkload>
type Snapshot = Workload['parts'][0]['snapshots'][0]
const hourMs = 3_600_000

/** Four snapshots of a disk, whose records agree with sizes and times; then they are changed. */
function changed(change: (snapshots: readonly Snapshot[], workload: Workload) => void) {
  const [workload] = foundOf({ snapshots: 4 })
  assert.ok(workload)
  const snapshots = workload.parts.flatMap((part) => part.snapshots)
  for (const { record, disks } of snapshots) {
    const [{ images: [image] = [] } = {}] = disks
    const startedMs = Date.parse(record?.createdAt ?? '')
    const finishedAt = new Date(startedMs + hourMs).toISOString()
    const sizes = { sizeBytes: image?.fileBytes, virtualBytes: image?.header?.virtualBytes }
    Object.assign(record ?? {}, { finishedAt, ...sizes })
    Object.assign(image ?? {}, { writtenMs: startedMs + hourMs / 2 })
  }
  change(snapshots, workload)
  const { verdicts, summary } = assessed([workload], siteWith({ [originPath]: 0 }))
  return {
    states: verdicts.map(({ state, defect }) => (defect === undefined ? state : `${state}: ${defect.code}`)),
    warnings: summary.findings.flatMap(({ code, examples }) => examples.map(({ message }) => `${code}: ${message}`)),
  }
}

const imageOf = (snapshot: Snapshot | undefined) => snapshot?.disks[0]?.images[0] ?? assert.fail('no image')
const recordOf = (snapshot: Snapshot | undefined) => snapshot?.record ?? assert.fail('no record')
const whole = Array(4).fill('restorable')
const move = (snapshot: Snapshot | undefined, hours: number) => {
  const image = imageOf(snapshot)
  image.writtenMs = Date.parse(recordOf(snapshot).createdAt ?? '') + hours * hourMs
}

describe('times of images', () => {
  it('that agree with their records are no finding, nor are those within a day', () => {
    const found = changed(([, , third, last]) => {
      move(third, 20)
      move(last, -20)
    })
    assert.deepEqual(found, { states: whole, warnings: [] })
  })

  it('long after the end of their snapshot, or long before its start, are warnings', () => {
    const late = changed(([, , third]) => move(third, 72))
    const early = changed(([, , , last]) => move(last, -72))
    for (const { states } of [late, early]) assert.deepEqual(states, whole)
    const warnings = [...late.warnings, ...early.warnings]
    const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC'
    assert.match(warnings.join('\n'), new RegExp(`last modified ${time}, but .* its snapshot was finished ${time}`))
    assert.match(warnings.join('\n'), new RegExp(`last modified ${time}, but .* its snapshot began ${time}`))
    assert.equal(warnings.length, 2)
  })

  it('prove nothing where a copy did not keep them', () => {
    const { warnings } = changed((snapshots) => {
      for (const snapshot of snapshots.slice(0, 2)) move(snapshot, 500)
    })
    assert.deepEqual(warnings, [])
  })

  it('of an oldest image that retention may have merged are no finding', () => {
    assert.deepEqual(changed(([first]) => move(first, 96)).warnings, [])
  })

  it('contradict the chain if a parent is of a later snapshot', () => {
    const { states, warnings } = changed(([first]) => {
      const later = new Date(Date.parse(recordOf(first).createdAt ?? '') + 30 * hourMs).toISOString()
      Object.assign(recordOf(first), { createdAt: later, finishedAt: later })
      move(first, 0)
    })
    assert.deepEqual(states, whole)
    assert.match(
      warnings.join('\n'),
      /^record-disagrees: its parent belongs to a snapshot of .* UTC, but its own is of/,
    )
  })
})

describe('sizes of snapshots', () => {
  it('that are larger than their images are warnings, although no record lists a missing image', () => {
    const { warnings } = changed(([, , , last]) => {
      const record = recordOf(last)
      Object.assign(record, {
        sizeBytes: (record.sizeBytes ?? 0) + 196_616,
        virtualBytes: (record.virtualBytes ?? 0) + 2 ** 30,
      })
    })
    assert.match(warnings.join('\n'), /its images have 196616 bytes, but snapshot_db records 393232/)
    assert.match(warnings.join('\n'), /its disks have \d+ bytes, but snapshot_db records \d+ to restore/)
    assert.equal(warnings.length, 2)
  })

  it('that are smaller than their images are no finding: retention merges others into them', () => {
    const { warnings } = changed(([first]) => Object.assign(recordOf(first), { sizeBytes: 100_000 }))
    assert.deepEqual(warnings, [])
  })

  it('prove nothing if those of no snapshot agree', () => {
    const { warnings } = changed((snapshots) => {
      for (const snapshot of snapshots) Object.assign(recordOf(snapshot), { sizeBytes: 7e9, virtualBytes: 7e9 })
    })
    assert.deepEqual(warnings, [])
  })
})

describe('states in records', () => {
  it('of a snapshot in error name that its images are intact, or do not', () => {
    const inError = (isDamaged: boolean) =>
      changed(([, , , last]) => {
        recordOf(last).status = 'error'
        if (isDamaged) Object.assign(imageOf(last), { problem: { kind: 'damaged', message: 'x' } })
      }).warnings
    assert.deepEqual(inError(false), ['snapshot-not-available: status error, although its images are intact'])
    assert.ok(inError(true).includes('snapshot-not-available: status error'))
  })

  it('of an image that is not available are a warning', () => {
    const { states, warnings } = changed(([, second]) =>
      Object.assign(second?.disks[0]?.rows?.[0] ?? {}, { status: 'error' }),
    )
    assert.deepEqual(states, whole)
    assert.deepEqual(warnings, ['record-disagrees: disk_db gives it the status error'])
  })
})

describe('an overlay without data', () => {
  const blank = (sizeBytes?: number) =>
    changed((snapshots) => {
      Object.assign(imageOf(snapshots[2]), { isBlank: true })
      for (const snapshot of snapshots)
        for (const row of snapshot.disks[0]?.rows ?? []) Object.assign(row, { ...(sizeBytes && { sizeBytes }) })
    }).states

  it('is unknown without a record of its size', () => {
    assert.deepEqual(blank(), ['restorable', 'restorable', 'unknown: size-mismatch', 'unknown: size-mismatch'])
  })

  it('is unknown if recorded sizes are not those of files', () => {
    assert.deepEqual(blank(1_000_000)[2], 'unknown: size-mismatch')
  })

  it('is restorable if its record has its size: nothing had changed', () => {
    assert.deepEqual(blank(196_616), whole)
  })
})
