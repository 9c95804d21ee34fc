import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { validate } from 'ctrf'
import { validateXML } from 'xmllint-wasm'
import type { JournalEvent, Outcome } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { ctrf } from './ctrf.ts'
import { junit } from './junit.ts'

const schemas = join(import.meta.dirname, '../../fixtures/schemas')
const xsd = (name: string) => ({ fileName: name, contents: readFileSync(join(schemas, name), 'utf8') })

const hostile =
  '\x1b[31m \0 \x07 \u202e \u00ad \u{e0041} \ufffe \ud800 <img src=x> " \' & &lt; ]]> ]]>]]> ]]]>> <!-- <?x ?>'

const command = (stdout: string): JournalEvent => ({
  kind: 'command',
  where: 'recovery/compute-1',
  command: 'qemu-img convert x y',
  ended: 'exited',
  exitCode: 1,
  stdout,
  stderr: 'No such file or directory\n',
  durationMs: 1234.5,
})

interface Ended {
  readonly outcome: Outcome
  readonly why?: string
  readonly name?: string
  readonly location?: string
  readonly events?: readonly JournalEvent[]
}

/** A run with drills, as a finished journal unless it was killed. */
function runOf(drills: readonly Ended[], exitCode: number | 'killed' = 0, own: readonly JournalEvent[] = []) {
  const journal = new MemoryJournal()
  journal.append({ kind: 'run-started', run: '20261101t120000-abc', version: '0.1.0', argv: ['run'] })
  for (const [
    nth,
    { outcome, why, name = `drill ${nth}`, location = `features/a.feature:${nth + 3}`, events = [] },
  ] of drills.entries()) {
    const id = `d${nth}`
    journal.append({ kind: 'drill-started', name, feature: 'A feature', location }, id)
    for (const event of events) journal.append(event, id)
    journal.append({ kind: 'drill-ended', outcome, ...(why !== undefined && { why }) }, id)
  }
  for (const event of own) journal.append(event)
  if (exitCode !== 'killed') journal.append({ kind: 'run-ended', exitCode })
  return journal.entries()
}

const runs = {
  'that passed': runOf([{ outcome: 'passed' }]),
  'with every outcome': runOf([
    { outcome: 'passed' },
    { outcome: 'failed', why: 'the claim is wrong', events: [command('out')] },
    { outcome: 'unknown', why: 'no answer', location: 'features/b.feature:3' },
    { outcome: 'not run', why: 'no engine' },
  ]),
  'with hostile texts': runOf(
    [
      {
        ...{ outcome: 'failed', why: hostile, name: hostile, location: 'features/<a>.feature:3' },
        events: [
          command(hostile),
          { kind: 'finding', finding: { verdict: 'fail', question: hostile, sentence: hostile, evidence: [] } },
        ],
      },
    ],
    1,
    [{ kind: 'error', code: 'x', blame: 'machine', message: hostile }],
  ),
  'with a megabyte on one line': runOf([{ outcome: 'failed', why: 'w', events: [command('x'.repeat(2 ** 20))] }], 1),
  'that was killed': runOf([{ outcome: 'passed' }], 'killed'),
  'that never started a scenario': runOf([], 2, [
    { kind: 'error', code: 'bad-input', blame: 'input', message: 'features/a.feature:3: unknown step' },
  ]),
}

describe('junit.xml of a run', () => {
  for (const [what, entries] of Object.entries(runs)) {
    it(`${what} is valid for Jenkins and for GitLab`, async () => {
      for (const name of ['jenkins-junit.xsd', 'gitlab-junit.xsd']) {
        const xml = { fileName: 'junit.xml', contents: junit(entries) }
        const { valid, errors } = await validateXML({ xml, schema: xsd(name) })
        assert.ok(valid, `${name}: ${errors.map(({ message }) => message).join('\n')}`)
      }
    })
  }

  it('counts unknown as an error, and not as a failure', () => {
    const xml = junit(runs['with every outcome'])
    assert.match(xml, /<testsuites name="dr-drill" tests="4" failures="1" errors="1"/)
    assert.match(
      xml,
      /<testsuite name="A feature" file="features\/a\.feature" tests="3" failures="1" errors="0" skipped="1"/,
    )
    assert.match(xml, /<testsuite name="A feature" file="features\/b\.feature" tests="1" failures="0" errors="1"/)
    assert.match(xml, /<error type="unknown" message="no answer">/)
    assert.match(xml, /<skipped type="not run" message="no engine"\/>/)
  })

  it('has the commands of a scenario and their output', () => {
    const xml = junit(runs['with every outcome'])
    assert.match(
      xml,
      /\[recovery\/compute-1\] \$ qemu-img convert x y\nout\nNo such file or directory\n\[exit code 1, 1235 ms/,
    )
  })

  it('cuts long output, and says so', () => {
    const xml = junit(runs['with a megabyte on one line'])
    assert.ok(xml.length < 40_000, `${xml.length}`)
    assert.match(xml, /\[1044480 more characters are in journal\.ndjson\]/)
  })

  it('is red for a run that was killed, or never started a scenario', () => {
    assert.match(junit(runs['that was killed']), /<error type="run" message="The run was killed before it ended\."/)
    const xml = junit(runs['that never started a scenario'])
    assert.match(xml, /<testsuites name="dr-drill" tests="1" failures="0" errors="1"/)
    assert.match(xml, /message="features\/a\.feature:3: unknown step"/)
    assert.match(junit([]), /<error type="run"/)
  })

  it('has the text of attachments', () => {
    const uri = 'features/a.feature'
    const envelopes: readonly object[] = [
      { pickle: { id: 'p', uri, name: 'n', location: { line: 3 }, steps: [] } },
      { testCase: { id: 'c', pickleId: 'p', testSteps: [] } },
      { testCaseStarted: { id: 'r', testCaseId: 'c' } },
      { attachment: { testCaseStartedId: 'r', mediaType: 'text/plain', contentEncoding: 'IDENTITY', body: 'a note' } },
      { attachment: { testCaseStartedId: 'r', mediaType: 'image/png', contentEncoding: 'BASE64', body: 'AAAA' } },
    ]
    const events = envelopes.map((envelope): JournalEvent => ({ kind: 'envelope', envelope }))
    const xml = junit(runOf([{ outcome: 'passed' }], 0, events))
    assert.match(xml, /a note\n\n\[attached: image\/png, 3 bytes\]/)
  })
})

describe('ctrf.json of a run', () => {
  for (const [what, entries] of Object.entries(runs))
    it(`${what} is valid`, () => {
      const { valid, errors } = validate(JSON.parse(ctrf(entries)))
      assert.ok(valid, JSON.stringify(errors))
    })

  it('has our word for an outcome that the format does not know', () => {
    const { results } = JSON.parse(ctrf(runs['with every outcome']))
    const found = results.tests.map((one: { status: string; rawStatus: string }) => [one.status, one.rawStatus])
    assert.deepEqual(found, [
      ['passed', 'passed'],
      ['failed', 'failed'],
      ['other', 'unknown'],
      ['skipped', 'not run'],
    ])
    assert.partialDeepStrictEqual(results.summary, { tests: 4, passed: 1, failed: 1, other: 1, skipped: 1, suites: 2 })
  })

  it('has no character that a terminal acts on', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it finds them
    const dangerous = /[\0-\x09\x0b-\x1f\x7f-\x9f\u00ad\u202e\ufffe]|[\u{e0000}-\u{e0fff}]/u
    assert.doesNotMatch(ctrf(runs['with hostile texts']), dangerous)
  })
})
