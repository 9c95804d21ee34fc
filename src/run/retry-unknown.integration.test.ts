import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Envelope } from '../journal/envelope.ts'
import { journalOf, project, report, run } from './run.fixture.ts'

const retry = (count: number) => ['--retry-unknown', `${count}`]
const startsIn = (ended: Parameters<typeof journalOf>[0]) =>
  journalOf(ended).flatMap((entry) => (entry.kind === 'drill-started' ? [[entry.location, entry.attempt ?? 1]] : []))

describe('run --retry-unknown', () => {
  it('passes if the next attempt passes, and every report shows the first one', () => {
    const ended = run(project('lostonce', 'passes'), retry(2))
    assert.match(ended.stdout, /^trying 1 scenario again that could not be judged \(1 of 2\)$/m)
    assert.match(ended.stdout, /could not be judged, and was tried again: the engine stopped answering$/m)
    assert.match(ended.stdout, /\n2 passed, 0 failed\n$/)
    assert.equal(ended.code, 0)
    assert.match(report(ended, 'summary.md'), /\| \? unknown, tried again \| The engine is lost once \|/)
    const junit = report(ended, 'junit.xml')
    assert.equal(junit.match(/<testcase /g)?.length, 2)
    assert.match(junit, /lostonce\.feature:2: attempt 1 could not be judged" value="the engine stopped answering"/)
    const { tests } = JSON.parse(report(ended, 'ctrf.json')).results
    const tried = tests.map(({ name, retries, flaky }: Record<string, unknown>) => [name, retries, flaky])
    assert.deepEqual(tried.toSorted(), [
      ['All is well', undefined, undefined],
      ['The engine is lost once', 1, true],
    ])
    const envelopes = report(ended, 'messages.ndjson')
      .trimEnd()
      .split('\n')
      .map((line): Envelope => JSON.parse(line))
    const starts = envelopes.flatMap(({ testCaseStarted: one }) => (one === undefined ? [] : [one.attempt]))
    const ends = envelopes.flatMap(({ testCaseFinished: one }) => (one === undefined ? [] : [one.willBeRetried]))
    assert.deepEqual(
      [starts.toSorted(), ends.toSorted()],
      [
        [0, 0, 1],
        [false, false, true],
      ],
    )
  })

  it('tries no more often than it may, and stays unknown', () => {
    const ended = run(project('unknown'), [...retry(2), '--json'])
    assert.deepEqual(startsIn(ended), [
      ['features/unknown.feature:3', 1],
      ['features/unknown.feature:3', 2],
      ['features/unknown.feature:3', 3],
    ])
    const { exitCode, counts, drills, retried } = JSON.parse(ended.stdout)
    assert.deepEqual([ended.code, exitCode, counts.unknown, drills.length, retried.length], [3, 3, 1, 1, 2])
  })

  it('never tries a failure again, or a scenario that was not run', () => {
    const ended = run(project('fails', 'notrun'), retry(1))
    assert.equal(ended.code, 1)
    assert.equal(startsIn(ended).length, 3)
  })

  it('tries the scenario of a lost process again in another one', () => {
    const ended = run(project('killedonce', 'slow'), [...retry(1), '--parallel', '2'])
    assert.match(ended.stdout, /was killed by SIGKILL before it finished/)
    assert.match(ended.stdout, /\n2 passed, 0 failed\n$/)
    assert.equal(ended.code, 0)
  })

  it('is refused with options that need one attempt', () => {
    const folder = project('passes')
    for (const option of ['--keep-lab', '--fail-fast']) {
      const { code, stderr } = run(folder, [...retry(1), option, '--parallel', '1'])
      assert.match(stderr, new RegExp(`--retry-unknown cannot be combined with ${option}`))
      assert.equal(code, 2)
    }
    assert.match(run(folder, ['--retry-unknown', '0']).stderr, /It must be a number from 1 to 9/)
  })
})
