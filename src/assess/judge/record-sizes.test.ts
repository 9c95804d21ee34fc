import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FoundWorkload } from '../scan/found.ts'
import { assessed, foundOf, type Mutable, originPath, siteWith } from './found.fixture.ts'

/** A workload of three images in a chain, whose records have the sizes of files and disks; then it is changed. */
function changed(
  change: (
    disks: Mutable<FoundWorkload>['parts'][0]['snapshots'][0]['disks'],
    workload: Mutable<FoundWorkload>,
  ) => void,
) {
  const [workload] = foundOf()
  assert.ok(workload)
  const disks = workload.parts.flatMap(({ snapshots }) => snapshots.flatMap((snapshot) => snapshot.disks))
  for (const { rows = [], images } of disks)
    for (const [nth, row] of rows.entries())
      Object.assign(row, { sizeBytes: images[nth]?.fileBytes, virtualBytes: images[nth]?.header?.virtualBytes })
  change(disks, workload)
  const { verdicts, summary } = assessed([workload], siteWith({ [originPath]: 0 }))
  return {
    states: verdicts.map(({ state, defect }) => (defect === undefined ? state : `${state}: ${defect.code}`)),
    why: verdicts.find(({ defect }) => defect !== undefined)?.defect?.why,
    warnings: summary.findings.flatMap(({ code, examples }) => examples.map(({ message }) => `${code}: ${message}`)),
  }
}

describe('sizes in records', () => {
  it('that agree with the files are no finding', () => {
    assert.deepEqual(
      changed(() => {}),
      { states: Array(3).fill('restorable'), why: undefined, warnings: [] },
    )
  })

  it('make a shorter file unknown, and what is read through it', () => {
    const { states, why } = changed(([, second]) => Object.assign(second?.images[0] ?? {}, { fileBytes: 100_000 }))
    assert.deepEqual(states, ['restorable', 'unknown: size-mismatch', 'unknown: size-mismatch'])
    assert.equal(why, 'the file has 100000 bytes, but disk_db records 196616')
  })

  it('make a shorter file broken that holds no data', () => {
    const blank = { fileBytes: 100_000, isBlank: true }
    const { states, why } = changed(([, second]) => Object.assign(second?.images[0] ?? {}, blank))
    assert.deepEqual(states, ['restorable', 'broken: size-mismatch', 'broken: size-mismatch'])
    assert.equal(why, 'the file has 100000 bytes, but disk_db records 196616, and it holds no data')
  })

  it('make a disk of another size unknown, smaller or larger', () => {
    for (const virtualBytes of [600 * 2 ** 20, 600 * 2 ** 30]) {
      const { states, why } = changed(([, , third]) => Object.assign(third?.images[0]?.header ?? {}, { virtualBytes }))
      assert.match(states[2] ?? '', /^unknown: (size|parent)-mismatch$/)
      assert.match(why ?? '', new RegExp(`^its disk has ${virtualBytes} bytes, but disk_db records \\d+$`))
    }
  })

  it('warn of a longer file, which retention leaves', () => {
    const { states, warnings } = changed(([first]) => Object.assign(first?.images[0] ?? {}, { fileBytes: 300_000 }))
    assert.deepEqual(states, Array(3).fill('restorable'))
    assert.deepEqual(warnings, ['record-disagrees: the file has 300000 bytes, but disk_db records 196616'])
  })

  it('that agree with no image of the workload only warn', () => {
    const { states, warnings } = changed((disks) => {
      for (const { rows = [] } of disks)
        for (const row of rows) Object.assign(row, { sizeBytes: 999_999, virtualBytes: 1 })
    })
    assert.deepEqual(states, Array(3).fill('restorable'))
    assert.equal(warnings.length, 5)
    assert.match(warnings.join('\n'), /the file has 196616 bytes, but disk_db records 999999/)
    assert.match(warnings.join('\n'), /its disk has \d+ bytes, but disk_db records 1$/m)
  })

  it('and types: a full backup with a parent is a warning', () => {
    const { states, warnings } = changed((_, workload) => {
      for (const { resources = [] } of workload.parts[0]?.snapshots ?? [])
        for (const resource of resources) Object.assign(resource, { type: 'full' })
    })
    assert.deepEqual(states, Array(3).fill('restorable'))
    const sentence = 'record-disagrees: resources_db records a full backup, but its header names a parent'
    assert.deepEqual(warnings, [sentence, sentence])
  })
})
