import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { plainStyle } from '../../text/style.ts'
import { widthOf } from '../../text/terminal.ts'
import { assessed, foundOf, type Mutable, originPath, siteWith } from '../judge/found.fixture.ts'
import type { FoundWorkload } from '../scan/found.ts'
import type { SiteMounts } from '../site/site-mounts.ts'
import { assessmentText } from './assessment-text.ts'

const here = siteWith({ [originPath]: 0 })
const hour = 3_600_000

type Options = Parameters<typeof assessed>[2] & { readonly isAll?: boolean; readonly columns?: number }

function textOf(workloads: readonly FoundWorkload[], site: SiteMounts = here, options: Options = {}): string {
  const { isAll = false, columns = 80, ...more } = options
  return assessmentText(assessed(workloads, site, more).summary, { style: { ...plainStyle, columns }, isAll })
}

/** The first paragraph, unwrapped. */
const headlineOf = (text: string): string => text.split('\n\n')[0]?.replaceAll(/\n(?! )/g, ' ') ?? ''
const paragraph = (text: string, first: RegExp): string => text.split('\n\n').find((one) => first.test(one)) ?? ''
/** The names in the first column of the table. */
const namesIn = (text: string): readonly string[] =>
  [...paragraph(text, /^Newest|^No workload/).matchAll(/^ {2}(workload-\d+)/gm)].map(([, name = '']) => name)

function named(workloads: readonly Mutable<FoundWorkload>[], name: string): Mutable<FoundWorkload> {
  const found = workloads.find(({ parts }) => parts[0]?.record?.name === name)
  assert.ok(found, name)
  return found
}

/** A workload whose full images are gone. */
function destroyed(workload: Mutable<FoundWorkload>): void {
  for (const disk of workload.parts[0]?.snapshots[0]?.disks ?? []) disk.images.splice(0)
}

describe('the headline of an assessment', () => {
  it('counts the workloads with a restorable snapshot and dates the oldest of these', () => {
    const workloads = foundOf({ workloads: 3 })
    named(workloads, 'workload-2').parts[0]?.snapshots.splice(2)
    assert.equal(
      headlineOf(textOf(workloads)),
      '3 of 3 workloads have a restorable snapshot; the oldest of these is 34 h old (workload-2).',
    )
  })

  it('counts the workloads without one, and names the cause', () => {
    const workloads = foundOf({ workloads: 3 })
    destroyed(named(workloads, 'workload-2'))
    assert.equal(
      headlineOf(textOf(workloads)),
      '2 of 3 workloads have a restorable snapshot; the oldest of these is 10 h old (workload-1); 1 has none.\n' +
        '  none  incomplete-replica  workload-2 (VM workload-2-vm-1, disk vda)',
    )
  })

  it('gives workloads with the same cause one line', () => {
    const workloads = foundOf({ workloads: 6 })
    for (const workload of workloads) destroyed(workload)
    const [, ...lines] = headlineOf(textOf(workloads)).split('\n')
    assert.match(
      lines.join('').replaceAll(/ +/g, ' '),
      /^ none incomplete-replica workload-1 \(.*, workload-3 .* and 3 more$/,
    )
  })

  it('counts workloads that cannot be judged as unknown, not as lost', () => {
    const workloads = foundOf({ workloads: 2 })
    for (const part of named(workloads, 'workload-1').parts) part.snapshots.splice(0)
    for (const { snapshots } of named(workloads, 'workload-2').parts)
      for (const snapshot of snapshots) Object.assign(snapshot, { unread: 'EACCES' })
    assert.equal(
      headlineOf(textOf(workloads)),
      '0 of 2 workloads have a restorable snapshot; 1 has none; 1 is unknown.\n' +
        '  none     no snapshots  workload-1\n' +
        '  unknown  unreadable    workload-2',
    )
  })

  it('separates what is restorable now from what is after recovery', () => {
    const [one] = foundOf({ workloads: 1 })
    assert.ok(one)
    assert.equal(
      headlineOf(textOf([one], siteWith())),
      '1 of 1 workload has a restorable snapshot once the origin path exists; it is 10 h old. Without it, 1 of 1; it is 2 d 10 h old.',
    )
  })

  it('counts the workloads whose newest restorable snapshot is too old', () => {
    const workloads = foundOf({ workloads: 3 })
    named(workloads, 'workload-2').parts[0]?.snapshots.splice(2)
    assert.match(headlineOf(textOf(workloads, here, { maxAgeMs: 24 * hour })), /; 1 is older than 24 h\.$/)
  })

  it('begins with INCOMPLETE and gives the reason where not everything was read', () => {
    const workloads = foundOf({ workloads: 2 })
    named(workloads, 'workload-1').parts[0]?.oddities.push({ kind: 'unreadable', path: 'workload_x', message: 'EIO' })
    assert.equal(
      headlineOf(textOf(workloads)),
      'INCOMPLETE: 2 of the 2 workloads that were read have a restorable snapshot; the oldest of these is 10 h old (workload-1).\n' +
        '  workload_x: EIO',
    )
  })

  it('says when no workload was found', () => {
    assert.equal(headlineOf(textOf([])), 'No workloads were found.')
    assert.match(textOf([]), /^Restores {2}0 disks of snapshots$/m)
  })

  it('says when the age of a snapshot is unknown', () => {
    const workloads = foundOf({ workloads: 2 })
    for (const { snapshots } of named(workloads, 'workload-2').parts)
      for (const { record } of snapshots) delete record?.createdAt
    assert.match(headlineOf(textOf(workloads)), /is 10 h old \(workload-1\); the age of 1 is unknown\.$/)
  })
})

describe('the table of workloads', () => {
  /** One lost, one unknown, one with an old newest snapshot, one with a broken snapshot, and sound ones. */
  function mixed(count: number): readonly Mutable<FoundWorkload>[] {
    const workloads = foundOf({ workloads: count })
    destroyed(named(workloads, 'workload-10'))
    for (const { snapshots } of named(workloads, 'workload-3').parts)
      for (const snapshot of snapshots) Object.assign(snapshot, { unread: 'EACCES' })
    named(workloads, 'workload-12').parts[0]?.snapshots.splice(1)
    named(workloads, 'workload-2').parts[0]?.snapshots[2]?.disks[0]?.images.splice(0)
    named(workloads, 'workload-1').parts[0]?.snapshots[0]?.disks[0]?.images.splice(0)
    return workloads
  }
  const worst = ['workload-1', 'workload-10', 'workload-3', 'workload-12', 'workload-2']

  it('lists the worst first, then by name as people sort it', () => {
    const names = namesIn(textOf(mixed(12), here, { maxAgeMs: 40 * hour }))
    assert.deepEqual(names, [...worst, ...[4, 5, 6, 7, 8, 9, 11].map((nth) => `workload-${nth}`)])
  })

  it('of more than 20 workloads lists those that need attention, and all of them with --all', () => {
    const workloads = mixed(25)
    const text = textOf(workloads, here, { maxAgeMs: 40 * hour })
    assert.deepEqual(namesIn(text), worst)
    assert.match(text, /^Newest restorable snapshots of the 5 workloads that need attention, worst first$/m)
    assert.match(text, /^\(--all lists all 25\)$/m)
    assert.equal(namesIn(textOf(workloads, here, { isAll: true })).length, 25)
    assert.match(textOf(foundOf({ workloads: 21 })), /^No workload needs attention \(--all lists all 21\)$/m)
    assert.equal(namesIn(textOf(foundOf({ workloads: 20 }))).length, 20)
  })

  it('marks the workloads that need a secret, and counts those that it does not list', () => {
    const few = foundOf({ workloads: 3, encrypted: 1 })
    const rows = paragraph(textOf(few), /^Newest/).split('\n')
    assert.match(rows[1] ?? '', /^ {2}workload {4}now {3}with secret/)
    assert.equal(rows.filter((row) => /^ {2}workload-\d {2}none {2}10 h /.test(row)).length, 1)
    assert.match(
      headlineOf(textOf(few)),
      /^2 of 3 workloads have a restorable snapshot; .*; 1 is restorable with its secret\.$/,
    )
    assert.match(textOf(few), /^Restores {2}9 disks of snapshots: 6 now, 3 with secret$/m)
    const [id = '?'] = few.flatMap(({ parts }) => parts[0]?.record?.secretId ?? [])
    assert.match(textOf(few), new RegExp(`^Secrets {3}1 needed, for workload-\\d\n {10}${id} for workload-\\d$`, 'm'))
    assert.match(
      textOf(few),
      /^✔ 3 restores need a secret\.\n {2}Next: dr-drill assess --depth content --secrets DIR \/t$/m,
    )
    assert.match(textOf(foundOf({ workloads: 25, encrypted: 2 })), /\(--all lists all 25; 2 others need a secret\)/)
  })

  it('lists secrets that --secrets lacks first, and files that nothing needs', () => {
    const workloads = foundOf({ workloads: 2, encrypted: 2 })
    const [one = '?', other = '?'] = workloads.flatMap(({ parts }) => parts[0]?.record?.secretId ?? []).toSorted()
    const text = textOf(workloads, here, { secretIds: [one, 'readme.txt'], columns: 120 })
    const [, first, second, third] = paragraph(text, /^Target/)
      .split('\n')
      .slice(-4)
    assert.match(first ?? '', new RegExp(`^ {10}${other} for workload-\\d, missing from --secrets$`))
    assert.match(second ?? '', new RegExp(`^ {10}${one} for workload-\\d$`))
    assert.equal(third, '          not needed: readme.txt')
  })

  it('marks what is too old where it counts', () => {
    const [one] = foundOf({ workloads: 1 })
    assert.ok(one)
    const rowOf = (site: SiteMounts) => /^ {2}workload-1 .*/m.exec(textOf([one], site, { maxAgeMs: hour }))?.[0] ?? ''
    assert.match(rowOf(siteWith()), /^ {2}workload-1 {2}2 d 10 h {2}10 h, stale /)
    assert.match(rowOf(here), /^ {2}workload-1 {2}10 h, stale /)
  })

  it('has more columns where they fit', () => {
    const text = textOf(foundOf({ workloads: 2 }), siteWith(), { columns: 120 })
    assert.match(text, /^ {2}workload {4}now {2}.* snapshots {2}disks {2}chain {2}.*size$/m)
  })
})

describe('the findings of an assessment', () => {
  it('give a missing image one entry, with the restores that it breaks, names and the path', () => {
    const workloads = foundOf({ workloads: 3, snapshots: 5 })
    destroyed(named(workloads, 'workload-2'))
    const text = paragraph(textOf(workloads), /^Findings/)
    assert.match(text, /^error: incomplete-replica, affects 5 restores$/m)
    assert.doesNotMatch(text, /missing-parent/)
    assert.match(text, /^ {2}- workload-2, VM workload-2-vm-1, disk vda, snapshot workload-2 1: /m)
    assert.match(
      text,
      /^ {4}workload_[\da-f]{6}\*\/snapshot_[\da-f]{6}\*\/vm_id_[\da-f]{6}\*\/vm_res_id_[\da-f]{6}\*\/[\da-f]{6}\*$/m,
    )
  })

  it('give the same cause one entry with a count, two examples by name, and five with --all', () => {
    const workloads = foundOf({ workloads: 12 })
    for (const { parts } of workloads) Object.assign(parts[0]?.record ?? {}, { status: 'error' })
    const examples = (text: string) => [...text.matchAll(/^ {2}- (workload-\d+) /gm)].map(([, name = '']) => name)
    const text = paragraph(textOf(workloads), /^Findings/)
    assert.match(text, /^warning: workload-not-available × 12$/m)
    assert.equal(examples(text).length, 2)
    assert.match(text, /^ {2}… and 10 more$/m)
    const all = examples(paragraph(textOf(workloads, here, { isAll: true }), /^Findings/))
    assert.equal(all.length, 5)
    assert.deepEqual(all, all.toSorted(new Intl.Collator('en', { numeric: true }).compare))
  })

  it('name the target, if there are several', () => {
    const workloads = foundOf({ workloads: 3 })
    for (const part of named(workloads, 'workload-2').parts) Object.assign(part, { target: 1 })
    destroyed(named(workloads, 'workload-2'))
    const text = textOf(workloads, siteWith(), { targets: ['/a', '/b'], columns: 120 })
    assert.match(text, /^ {2}- workload-2, VM workload-2-vm-1, disk vda, snapshot workload-2 1, on \/b: /m)
    assert.doesNotMatch(textOf(workloads), / on \//)
  })

  it('keep a parent that is missing everywhere as an entry of its own', () => {
    const [one] = foundOf({ workloads: 1 })
    assert.ok(one)
    const [full] = one.parts[0]?.snapshots ?? []
    full?.disks.splice(0)
    full?.resources?.splice(0)
    assert.match(paragraph(textOf([one]), /^Findings/), /^error: missing-parent, affects 2 restores$/m)
  })
})

describe('the last lines of an assessment', () => {
  const lastOf = (text: string): string => text.trimEnd().split('\n\n').at(-1) ?? ''

  it('name the plan to make, with the paths that were given, quoted', () => {
    const text = textOf(foundOf({ workloads: 2 }), siteWith(), { targets: ["/mnt/it's", '/mnt/b'] })
    assert.equal(lastOf(text), `✔ 4 restores need 1 origin path.\n  Next: dr-drill plan '/mnt/it'\\''s' /mnt/b`)
  })

  it('name the paths on the site that was described', () => {
    const site: SiteMounts = {
      name: 'kolla 4.3',
      paths: ['/var/trilio/triliovault-mounts/AA=='],
      mountPaths: new Map(),
    }
    assert.match(
      lastOf(textOf(foundOf({ workloads: 2 }), site)),
      /Next: dr-drill plan \/var\/trilio\/triliovault-mounts\/AA== {3}\(on a node of kolla 4\.3\)$/,
    )
  })

  it('summarize why the assessment failed', () => {
    const workloads = foundOf({ workloads: 2 })
    destroyed(named(workloads, 'workload-2'))
    assert.equal(
      lastOf(textOf(workloads)),
      '✘ 1 of 2 workloads has no restorable snapshot; 3 of 6 restores are broken.\n' +
        '  Next: dr-drill assess /t   (after the repairs above)',
    )
  })

  it('name what leaves the result unknown', () => {
    const workloads = foundOf({ workloads: 1 })
    workloads[0]?.parts[0]?.problems.push({ file: 'workload_x/workload_db', line: 1, column: 1, message: 'not JSON' })
    assert.match(
      lastOf(textOf(workloads)),
      /^\? unreadable-record\.\n {2}Next: dr-drill assess \/t {3}\(after the repairs above\)$/,
    )
  })

  it('continue with the record of earlier assessments, and with the depth that a finding requires', () => {
    const record = { path: '/r', known: 0, compared: 0, changed: 0, added: 0, carried: 1 }
    const [workload] = foundOf({ workloads: 1 })
    assert.ok(workload)
    const { summary } = assessed([workload], here)
    assert.match(
      lastOf(assessmentText({ ...summary, record })),
      /Next: dr-drill assess --depth content --record \/r \/t$/,
    )
    destroyed(workload)
    const lost = assessed([workload], here).summary
    assert.match(lastOf(assessmentText({ ...lost, record })), /Next: dr-drill assess --record \/r \/t {3}\(after/)
    const again = { code: 'assess-again', severity: 'error', toDo: '', count: 1, consequences: 0, restores: 1 } as const
    const findings = [{ ...again, examples: [] }]
    assert.match(
      lastOf(assessmentText({ ...lost, record, findings })),
      /Next: dr-drill assess --depth content --record \/r \/t {3}\(after/,
    )
  })

  it('offer to read the content of a target that is sound as far as it was read', () => {
    assert.equal(
      lastOf(textOf(foundOf({ workloads: 1 }))),
      '✔ All 3 disks of snapshots can be restored now, as far as headers and tables\n  show.\n  Next: dr-drill assess --depth content /t',
    )
    assert.equal(
      lastOf(textOf(foundOf({ workloads: 1 }), here, { depth: 'content' })),
      '✔ All 3 disks of snapshots can be restored now, and their content can be read; 3\n  disks have no digest to compare it with.',
    )
  })
})

describe('every line of an assessment', () => {
  const names = ['\u001b]0;owned\u0007\u009b31m\u202e', 'データ'.repeat(40), 'x'.repeat(300), 'two\nlines\rback', '']

  for (const columns of [80, 120])
    it(`fits ${columns} columns and is harmless, whatever the names are`, () => {
      const workloads = foundOf({ workloads: 30, encrypted: 5 })
      for (const [nth, { workloadId, parts }] of workloads.entries()) {
        const name = names[nth % names.length] ?? ''
        for (const { record, snapshots, oddities } of parts) {
          Object.assign(record ?? {}, { name, status: name })
          oddities.push({ kind: 'symbolic-link', path: `workload_${workloadId}/${name}/${name}`, message: name })
          for (const snapshot of snapshots) {
            Object.assign(snapshot.record ?? {}, { name, status: name })
            snapshot.vmNames = Object.fromEntries(Object.keys(snapshot.vmNames ?? {}).map((id) => [id, name]))
          }
        }
        if (nth % 3 === 0) destroyed({ workloadId, parts })
      }
      for (const isAll of [false, true]) {
        const text = textOf(workloads, siteWith(), { columns, isAll })
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is about control characters
        assert.doesNotMatch(text, /[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
        const tooLong = text.split('\n').filter((line) => widthOf(line) > columns)
        assert.deepEqual(tooLong, [])
      }
    })
})
