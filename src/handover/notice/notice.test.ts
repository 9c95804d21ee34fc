import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AssessedSnapshot, FinishedAssessment } from './assessment-file.ts'
import { assessment, ids, people, snapshot, workload } from './notice.fixture.ts'
import { keyOf, makeNotices, type Notice } from './notice.ts'
import { noticeHtml } from './notice-html.ts'
import { noticeText } from './notice-text.ts'
import { mailSubject } from './notice-wording.ts'

const options = { contact: 'dr@example.org' }

function noticesOf(found: FinishedAssessment, users = {}) {
  return makeNotices(found, people(users), 'recovery')
}

function only(found: FinishedAssessment): Notice {
  const [notice, ...others] = noticesOf(found).notices
  assert.ok(notice)
  assert.deepEqual(others, [])
  return notice
}

describe('standing of a snapshot in a notice', () => {
  const cases: readonly (readonly [string, Partial<AssessedSnapshot>, string, RegExp])[] = [
    ['all disks as backed up', {}, 'restores', /^Both disks were read to the end, and the content is what was backed/],
    [
      'three disks as backed up',
      { disks: { total: 3, read: 3, matched: 3 } },
      'restores',
      /^All 3 disks were read to the end/,
    ],
    ['one disk', { disks: { total: 1, read: 1, matched: 1 } }, 'restores', /^Its disk was read/],
    ['no digest', { disks: { total: 2, read: 2, matched: 1 } }, 'restores', /has no checksum to compare/],
    ['a disk that was not read', { disks: { total: 2, read: 1, matched: 1 } }, 'not proven', /^1 of its 2 disks/],
    ['nothing read', { disks: { total: 2, read: 0, matched: 0 } }, 'not proven', /was not read/],
    ['no origin path', { state: 'after-recovery' }, 'not proven', /does not have the directory yet/],
    ['no secret', { state: 'with-secret' }, 'not proven', /encrypted/],
    ['an unknown state', { state: 'unknown' }, 'not proven', /could not be checked/],
    [
      'an unknown state with its cause',
      { state: 'unknown', defect: { code: 'content-unknown', device: 'vda' } },
      'not proven',
      /could not be read during the check\. Found on disk vda\.$/,
    ],
    [
      'a broken disk',
      { state: 'broken', defect: { code: 'wrong-content', vm: 'web-1', device: 'vdb' } },
      'does not restore',
      /^Its content differs from the content that was backed up\. Found on disk vdb of VM web-1\.$/,
    ],
    [
      'a defect that has no words of its own',
      { state: 'broken', defect: { code: 'new-defect', device: 'vda' } },
      'does not restore',
      /cannot be restored \(new-defect\)\./,
    ],
    ['an incomplete backup', { isNotOffered: 'not available' }, 'does not restore', /did not complete/],
    ['missing records', { isNotOffered: 'incomplete records' }, 'does not restore', /records of the backup/i],
    ['a project of its own', { projectId: ids.db }, 'not proven', /another project/],
  ]
  for (const [what, changes, standing, reason] of cases)
    it(`is "${standing}" with ${what}`, () => {
      const [found] = only(assessment(workload({ snapshots: [snapshot(1, changes)] }))).workloads[0]?.snapshots ?? []
      assert.equal(found?.standing, standing)
      assert.match(found.reason, reason)
    })

  it('is never "restores" below depth content, or if one VM was assessed', () => {
    const standings = ({ workloads }: Notice) =>
      workloads.flatMap(({ snapshots }) => snapshots.map(({ standing }) => standing))
    const tables = { ...assessment(workload()), depth: 'tables' } as const
    assert.deepEqual(standings(only(tables)), ['not proven', 'not proven'])
    assert.deepEqual(standings(only(assessment(workload({ isOneVm: true })))), ['not proven', 'not proven'])
    assert.deepEqual(standings(only(assessment(workload()))), ['restores', 'restores'])
  })

  it('is not stated for deleted snapshots and workloads', () => {
    const deleted = workload({ snapshots: [snapshot(1, { isNotOffered: 'deleted' }), snapshot(2)] })
    assert.deepEqual(
      only(assessment(deleted)).workloads[0]?.snapshots.map(({ name }) => name),
      ['nightly 2'],
    )
    assert.deepEqual(noticesOf(assessment(workload({ isDeleted: true }))), { notices: [], unreachable: [] })
  })
})

describe('notices', () => {
  const db = workload({ workloadId: 'w2', name: 'db', userId: ids.bob, projectId: ids.db })

  it('have the workloads of one owner each, those without a restoring snapshot first', () => {
    const broken = workload({ workloadId: 'w3', name: 'zeta', snapshots: [] })
    const { notices } = noticesOf(assessment(db, workload(), broken))
    assert.deepEqual(
      notices.map(({ user, workloads }) => [user, workloads.map(({ name }) => name)]),
      [
        ['alice', ['zeta', 'web']],
        ['bob', ['db']],
      ],
    )
  })

  const unreachable: readonly (readonly [string, object, Partial<Parameters<typeof workload>[0]>])[] = [
    ['the user has no mail address', { alice: { email: undefined } }, {}],
    ['the user is disabled', { alice: { isEnabled: false } }, {}],
    ['cloud recovery has no such user', {}, { userId: 'e'.repeat(32) }],
  ]
  for (const [why, users, changes] of unreachable)
    it(`report an owner who cannot be written to: ${why}`, () => {
      const found = noticesOf(assessment(workload(changes)), users)
      assert.deepEqual(found.notices, [])
      assert.deepEqual(
        found.unreachable.map((one) => [one.why, one.workloads]),
        [[why, ['web']]],
      )
    })

  it('report a workload whose record names no owner', () => {
    const { userId: _, ...orphan } = workload()
    assert.equal(noticesOf(assessment(orphan)).unreachable[0]?.why, 'its record names no owner')
  })

  it('state that an owner without a role in the project cannot restore', () => {
    const notice = only(assessment({ ...db, userId: ids.alice }))
    assert.match(noticeText(notice, options), /You have no role in the project databases/)
    assert.doesNotMatch(noticeText(only(assessment(workload())), options), /You have no role/)
  })
})

describe('key of a notice', () => {
  const one = only(assessment(workload()))

  it('is the same for a later assessment with the same result', () => {
    const aged = workload({ snapshots: [snapshot(1, { ageMs: 1 }), snapshot(2, { ageMs: 2 })] })
    const later = only({ ...assessment(aged), date: '2026-12-01T00:00:00.000Z' })
    assert.equal(keyOf(later), keyOf(one))
  })

  it('differs for another result, owner, address or cloud', () => {
    const keys = [
      one,
      only(assessment(workload({ snapshots: [snapshot(1), snapshot(2, { state: 'broken' })] }))),
      only(assessment(workload({ snapshots: [snapshot(1)] }))),
      { ...one, userId: ids.bob },
      { ...one, address: 'other@example.org' },
      { ...one, cloud: 'other' },
    ].map(keyOf)
    assert.equal(new Set(keys).size, keys.length)
  })
})

describe('text and HTML of a notice', () => {
  const hostile = 'x\r\nBcc: all@example.org\u202e\u200b<script>alert(1)</script>&"\''
  const notice = only(assessment(workload({ name: hostile, snapshots: [snapshot(1, { name: hostile })] })))
  const html = noticeHtml({ ...notice, user: hostile, cloud: hostile }, { contact: hostile, dashboard: hostile })
  const text = noticeText({ ...notice, user: hostile, cloud: hostile }, { contact: hostile, dashboard: hostile })

  it('have no line, markup, invisible character or direction of a name', () => {
    for (const part of [text, html, mailSubject({ ...notice, cloud: hostile })]) {
      assert.doesNotMatch(part, /^Bcc/m)
      assert.doesNotMatch(part, /[\u202e\u200b\r]/)
    }
    assert.doesNotMatch(html, /<script/)
    assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;&amp;&quot;&#39;/)
    assert.match(text, /\\u202e\\u200b/)
  })

  it('load nothing from elsewhere', () => {
    assert.doesNotMatch(html, /\b(src|href|url\(|@import|<link|<img|<iframe|on\w+=)/i)
  })

  it('list at most 30 snapshots of a workload, and count the rest', () => {
    const many = Array.from({ length: 45 }, (_, nth) => snapshot(1, { snapshotId: `s${nth}` }))
    const long = noticeText(only(assessment(workload({ snapshots: many }))), options)
    assert.equal(long.match(/^ {4}snapshot s/gm)?.length, 30)
    assert.match(long, /15 older snapshots not listed here: 15 proven to restore\./)
  })

  it('do not advise a restore if no snapshot is proven', () => {
    const none = only(assessment(workload({ snapshots: [snapshot(1, { state: 'broken' })] })))
    assert.match(noticeText(none, options), /1\. Do not start a restore yet/)
    assert.match(mailSubject(none), /your workload is not proven to be restored$/)
    assert.match(mailSubject(only(assessment(workload()))), /your workload can be restored$/)
  })
})
