import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Finding, JournalEvent, RestoreRecord } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { duration } from '../text/duration.ts'
import { restoreEvent } from '../verdict/restore-events.fixture.ts'
import { backgroundTexts } from './background-text.ts'
import { messages } from './cucumber-messages.ts'
import { describeFailure, firstFailure } from './first-failure.ts'
import { junit } from './junit.ts'
import { pageBlocks } from './page/page-blocks.fixture.ts'
import { closingLine, runOverview } from './run-overview.ts'
import { summary } from './summary.ts'

const started = (name: string): JournalEvent => ({ kind: 'drill-started', name, feature: 'F', location: 'a.feature:3' })
const command = (where: string, text: string, exitCode: number): JournalEvent => ({
  kind: 'command',
  where,
  command: text,
  ended: 'exited',
  exitCode,
  stdout: '',
  stderr: exitCode === 0 ? '' : 'No such file or directory\n',
  durationMs: 9,
})
const table = (where: string, facts: unknown): JournalEvent => ({
  kind: 'observation',
  subject: 'mount table',
  where,
  facts,
})
const restore = { node: 'compute-2', sizedOn: 'appliance', outcome: 'failed' } as RestoreRecord
const finding = (verdict: Finding['verdict'], evidence: readonly number[]): JournalEvent => ({
  kind: 'finding',
  finding: { verdict, question: 'q', sentence: 's', evidence },
})

function journalOf(...events: readonly (JournalEvent | readonly [JournalEvent, string])[]): MemoryJournal {
  const journal = new MemoryJournal()
  for (const event of events) {
    if ('kind' in event) journal.append(event, 'd1')
    else journal.append(...(event as readonly [JournalEvent, string]))
  }
  return journal
}

describe('a missed objective', () => {
  const question = 'recovery and restores meet the recovery time objective'
  const journal = journalOf(
    started('one'),
    { kind: 'phase-started', phase: 'recover' },
    { kind: 'phase-ended', phase: 'recover', durationMs: 4000 },
    { kind: 'phase-started', phase: 'restore' },
    { ...restoreEvent('r1', 2, { durationMs: 2500 }) },
    { kind: 'phase-ended', phase: 'restore', durationMs: 3000 },
    command('recovery/compute-1', 'ls', 1),
    { kind: 'expectation', question, expected: { withinMs: 6000 } },
    { kind: 'finding', finding: { verdict: 'fail', question, sentence: '7.0 s, more than', evidence: [3, 6] } },
    { kind: 'drill-ended', outcome: 'failed', why: `${question}: 7.0 s, more than` },
  ).entries()

  it('shows where the time went, and no command', () => {
    const failure = firstFailure(journal) ?? assert.fail()
    assert.equal(failure.command, undefined)
    assert.match(
      describeFailure(failure),
      /Where the time went:\n {2}recover: 4\.0 s\n {2}restore: 3\.0 s\n {2}slowest: snapshot 2 of "web" .*: 2\.5 s\n/,
    )
  })

  it('is in the summary and the overview, as required against measured, on the page with clock points', async () => {
    const [objective] = runOverview(journal).drills.flatMap(({ objectives }) => objectives)
    assert.deepEqual([objective?.requiredMs, objective?.measuredMs, objective?.verdict], [6000, 7000, 'fail'])
    const [shown] = (await pageBlocks(journal)).summary.objectives.items
    assert.deepEqual(shown?.clock, [objective?.from, objective?.to])
    assert.ok(shown?.clock?.every((at) => at.startsWith('20')))
    assert.match(summary(journal), /\n\| fail \| one \| recovery time \| at most 6\.0 s \| 7\.0 s \| 20/)
  })
})

describe('the first failure', () => {
  it('shows the command and the mounts of the node in the evidence', () => {
    const journal = journalOf(
      started('one'),
      table('recovery/compute-2', 'a on /\nb on /run'),
      table('recovery/compute-1', 'other'),
      command('recovery/compute-2', 'qemu-img convert x', 1),
      command('recovery/compute-2', 'findmnt', 0),
      command('recovery/compute-1', 'false', 1),
      { kind: 'restore', restore, evidence: {} },
      finding('fail', [7]),
      { kind: 'drill-ended', outcome: 'failed', why: 'q: s' },
    )
    const failure = firstFailure(journal.entries()) ?? assert.fail()
    assert.equal(failure.command?.command, 'qemu-img convert x')
    assert.deepEqual(failure.mountTable, { where: 'recovery/compute-2', lines: ['a on /', 'b on /run'] })
    assert.match(
      describeFailure(failure),
      /On recovery\/compute-2 \(exit code 1, 9 ms\):\n {2}qemu-img convert x\n {2}No such/,
    )
  })

  it('shows the command of the first failed restore in the evidence, even if another failed there later', () => {
    const failed = (id: string): readonly JournalEvent[] => [
      { ...command('compute-2', `qemu-img info ${id}`, 1), restoreId: id, mountNamespace: '/run/ns' } as JournalEvent,
      { kind: 'restore', restore: { ...restore, id }, evidence: {} },
    ]
    const journal = journalOf(
      started('one'),
      ...failed('r1'),
      ...failed('r2'),
      ...failed('r3'),
      finding('fail', [5, 7]),
      { kind: 'drill-ended', outcome: 'failed', why: 'q: s' },
    )
    const failure = firstFailure(journal.entries()) ?? assert.fail()
    assert.match(
      describeFailure(failure),
      /On compute-2 in the mount namespace \/run\/ns \(exit code 1, 9 ms\):\n {2}qemu-img info r2\n/,
    )
  })

  it('shows no command if all restores in the evidence succeeded, e.g. if they were slow', () => {
    const journal = journalOf(
      started('one'),
      command('recovery/compute-2', 'qemu-img convert x', 0),
      { kind: 'restore', restore: { ...restore, outcome: 'restored' }, evidence: {} },
      finding('fail', [3]),
      { kind: 'drill-ended', outcome: 'failed', why: 'q: s' },
    )
    const failure = firstFailure(journal.entries()) ?? assert.fail()
    assert.equal(failure.command, undefined)
    assert.doesNotMatch(describeFailure(failure), /^On /m)
  })

  it('shows the step of its own scenario, even if others failed in parallel', () => {
    const envelope = (object: object): JournalEvent => ({ kind: 'envelope', envelope: object })
    const begun = (id: string, line: number) => [
      envelope({
        pickle: { id, name: id, uri: 'a.feature', location: { line }, steps: [{ id: `s${id}`, text: `step ${id}` }] },
      }),
      envelope({ testCase: { id: `c${id}`, pickleId: id, testSteps: [{ id: `t${id}`, pickleStepId: `s${id}` }] } }),
      envelope({ testCaseStarted: { id: `r${id}`, testCaseId: `c${id}` } }),
    ]
    const broke = (id: string) =>
      envelope({
        testStepFinished: { testCaseStartedId: `r${id}`, testStepId: `t${id}`, testStepResult: { status: 'FAILED' } },
      })
    const journal = new MemoryJournal()
    for (const event of [...begun('x', 9), ...begun('y', 3)]) journal.append(event)
    journal.append(started('one'), 'd1')
    for (const id of ['x', 'y']) journal.append(broke(id))
    journal.append({ kind: 'drill-ended', outcome: 'failed', why: 'w' }, 'd1')
    assert.equal(firstFailure(journal.entries())?.step, 'step y')
  })

  it('is undefined if all drills passed or were not run', () => {
    const ended: JournalEvent = { kind: 'drill-ended', outcome: 'not run', why: 'w' }
    assert.equal(firstFailure(journalOf(started('one'), command('a', 'false', 1), ended).entries()), undefined)
  })

  it('names a lab to practice on after an exercise, which a run does not repeat', () => {
    const began: JournalEvent = { kind: 'exercise', event: 'began', clockMs: 0 }
    const journal = journalOf(started('one'), began, { kind: 'drill-ended', outcome: 'failed', why: 'w' })
    const text = describeFailure(firstFailure(journal.entries()) ?? assert.fail())
    assert.match(text, /lab up --break [a-z-]+$/)
    assert.doesNotMatch(text, /run .*--keep-lab/)
  })

  it('has the remedy', () => {
    const error: JournalEvent = { kind: 'error', code: 'c', message: 'm', blame: 'machine', remedy: 'start the engine' }
    const journal = journalOf(started('one'), error, { kind: 'drill-ended', outcome: 'unknown', why: 'm' })
    assert.match(describeFailure(firstFailure(journal.entries()) ?? assert.fail()), /\n {2}m\n {2}start the engine\n/)
  })
})

describe('the overview', () => {
  it('adds up phases and counts outcomes, and says nothing of failures where nothing failed', () => {
    const journal = journalOf(
      started('one'),
      { kind: 'phase-ended', phase: 'restore', durationMs: 20 },
      { kind: 'phase-ended', phase: 'recover', durationMs: 3 },
      { kind: 'phase-ended', phase: 'restore', durationMs: 1 },
      { kind: 'drill-ended', outcome: 'passed' },
      [started('two'), 'd2'],
      [{ kind: 'drill-ended', outcome: 'unknown', why: 'w' }, 'd2'],
      [started('three'), 'd3'],
      [{ kind: 'drill-ended', outcome: 'not run', why: 'w' }, 'd3'],
    )
    const run = runOverview(journal.entries())
    assert.deepEqual(run.drills[0]?.phases, [
      { phase: 'restore', durationMs: 21 },
      { phase: 'recover', durationMs: 3 },
    ])
    assert.equal(closingLine(run), '1 passed, 1 unknown, 1 skipped')
  })

  it('of a killed run has the outcome unknown', () => {
    const run = runOverview(journalOf(started('one')).entries())
    assert.deepEqual(
      [run.drills[0]?.outcome, run.drills[0]?.why],
      ['unknown', 'the run was killed before the drill ended'],
    )
    assert.match(summary(journalOf(started('one')).entries()), /, killed$/m)
  })
})

describe('summary.md', () => {
  it('lists each kernel of its labs once', () => {
    const kernel = (where: string, facts: string): JournalEvent => ({
      kind: 'observation',
      subject: 'kernel',
      where,
      facts,
    })
    const text = summary(
      journalOf(started('one'), kernel('a', '7.2.7'), kernel('b', '6.12.1'), kernel('c', '7.2.7')).entries(),
    )
    assert.match(text, /, labs with Linux 6\.12\.1 and 7\.2\.7, killed/)
    assert.doesNotMatch(summary(journalOf(started('one')).entries()), /Linux/)
  })

  it('lists the scenarios of a feature together, in any order of a parallel run', () => {
    const at = (name: string, location: string): JournalEvent => ({
      ...(started(name) as Extract<JournalEvent, { kind: 'drill-started' }>),
      location,
    })
    const journal = journalOf(
      [at('b1', 'b.feature:3'), 'd1'],
      [at('a1', 'a.feature:3'), 'd2'],
      [at('b2', 'b.feature:9'), 'd3'],
    )
    const names = [...summary(journal.entries()).matchAll(/^(?:\| |## )\? (?:unknown \| )?(\w+)/gm)].map(
      ([, name]) => name,
    )
    assert.deepEqual(names, ['b1', 'b2', 'a1', 'b1', 'b2', 'a1'])
  })

  it('lists the time of each executed step that took noticeable time', () => {
    const envelope = (object: object): JournalEvent => ({ kind: 'envelope', envelope: object })
    const texts = ['a site | is lost', 'users are notified', 'it is so', 'it is restored']
    const steps = texts.map((text, nth) => ({ id: `s${nth}`, text }))
    const testSteps = texts.map((_, nth) => ({ id: `t${nth}`, pickleStepId: `s${nth}` }))
    const took = (nth: number, seconds: number, nanos: number) => {
      const testStepResult = { status: 'PASSED', duration: { seconds, nanos } }
      return envelope({ testStepFinished: { testCaseStartedId: 'r', testStepId: `t${nth}`, testStepResult } })
    }
    const journal = journalOf(
      envelope({ pickle: { id: 'p', name: 'one', uri: 'a.feature', location: { line: 3 }, steps } }),
      envelope({ testCase: { id: 'c', pickleId: 'p', testSteps } }),
      envelope({ testCaseStarted: { id: 'r', testCaseId: 'c' } }),
      started('one'),
      ...[took(0, 65, 0), took(1, 0, 250_000_000), took(2, 0, 9_000_000)],
    )
    const [, table = ''] =
      /\| step \| time \|\n\|---\|---\|\n([^]*?)\n\n|$/.exec(`${summary(journal.entries())}\n`) ?? []
    assert.deepEqual(table.split('\n'), ['| a site \\| is lost | 1 min 05 s |', '| users are notified | 0.3 s |'])
  })

  it('shows output of commands as it is', () => {
    const why = '```\n# not a heading | nor a cell'
    const text = summary(journalOf(started('a | b'), { kind: 'drill-ended', outcome: 'failed', why }).entries())
    assert.match(text, /\| ✘ failed \| a \\\| b \|/)
    assert.match(text, /````\nfailed: ```\n# not a heading/)
  })
})

describe('a duration', () => {
  it('is rounded and has its unit', () => {
    assert.deepEqual([0, 59_949, 59_950, 3_599_600].map(duration), ['0.0 s', '59.9 s', '1 min 00 s', '60 min 00 s'])
  })
})

describe('a background that was not executed', () => {
  const origin = { name: 'the <first>', location: 'a.feature:3', lab: 'lab-1', savedAt: '2026-11-01T12:30:15.123Z' }
  const source = 'the lab lab-1 of "the <first>" (a.feature:3), saved at 2026-11-01 12:30:15 UTC'
  const uri = 'a.feature'
  const at = (line: number) => ({ name: `at ${line}`, feature: 'F', location: `${uri}:${line}` })
  const time = { seconds: 0, nanos: 0 }

  /** A run of two scenarios, with Cucumber's messages. The second one is in the journal first. */
  function twoScenarios(): MemoryJournal {
    const journal = new MemoryJournal()
    const steps = (line: number) => [
      { id: `g${line}`, location: { line }, keyword: 'Given ', text: '<testcase classname="x">' },
    ]
    const scenario = (line: number) => ({
      scenario: {
        id: `s${line}`,
        location: { line },
        tags: [],
        keyword: 'Scenario',
        name: 'n',
        description: '',
        examples: [],
        steps: steps(line),
      },
    })
    const feature = { location: { line: 1 }, tags: [], language: 'en', keyword: 'Feature', name: 'F', description: '' }
    const envelopes: object[] = [
      { gherkinDocument: { uri, comments: [], feature: { ...feature, children: [scenario(3), scenario(9)] } } },
      { testRunStarted: { timestamp: time } },
    ]
    for (const line of [9, 3])
      envelopes.push(
        {
          pickle: {
            ...{
              id: `p${line}`,
              uri,
              location: { line },
              name: 'n',
              language: 'en',
              tags: [],
              astNodeIds: [`s${line}`],
            },
            steps: [{ id: `ps${line}`, text: '<testcase classname="x">', astNodeIds: [`g${line}`] }],
          },
        },
        {
          testCase: {
            id: `tc${line}`,
            pickleId: `p${line}`,
            testSteps: [{ id: `ts${line}`, pickleStepId: `ps${line}`, stepDefinitionIds: [] }],
          },
        },
        { testCaseStarted: { id: `r${line}`, testCaseId: `tc${line}`, attempt: 0, timestamp: time } },
        { testStepStarted: { testCaseStartedId: `r${line}`, testStepId: `ts${line}`, timestamp: time } },
        {
          testStepFinished: {
            ...{ testCaseStartedId: `r${line}`, testStepId: `ts${line}`, timestamp: time },
            testStepResult: { status: 'PASSED', duration: time },
          },
        },
        { testCaseFinished: { testCaseStartedId: `r${line}`, willBeRetried: false, timestamp: time } },
      )
    envelopes.push({ testRunFinished: { success: true, timestamp: time } })
    for (const envelope of envelopes) journal.append({ kind: 'envelope', envelope })
    journal.append({ kind: 'drill-started', ...at(9) }, 'd9')
    journal.append({ kind: 'background-taken-over', origin }, 'd9')
    journal.append(finding('pass', []), 'd9')
    journal.append({ kind: 'drill-started', ...at(3) }, 'd3')
    return journal
  }

  it('is disclosed for the run and for its scenario in summary.md, and for no other', () => {
    const text = summary(twoScenarios().entries()).replaceAll('\\', '')
    assert.equal(
      text.split(`1 scenario did not execute its background, but took its outcome over from ${source}.`).length,
      2,
    )
    const [, nine = '', three = ''] = text.split(/^## \? /m)
    assert.ok(
      nine.startsWith('at 9') &&
        nine.includes(`The background was not executed. Its outcome was taken over from ${source}.`),
    )
    assert.ok(three.startsWith('at 3') && !three.includes('background'))
  })

  it('is a property in junit.xml, like each claim', () => {
    const xml = junit(twoScenarios().entries())
    const value = source.replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    const disclosed = `The background was not executed. Its outcome was taken over from ${value}.`
    assert.ok(xml.includes(`<property name="a.feature:9: background" value="${disclosed}"/>`))
    assert.ok(xml.includes('<property name="a.feature:9: pass: q" value="s"/>'))
    assert.doesNotMatch(xml, /name="a\.feature:3: /)
  })

  it('is a log at the first step in messages.ndjson', async () => {
    const text = (await Array.fromAsync(messages(twoScenarios().entries()))).join('')
    assert.equal(text.split('The background was not executed.').length, 2)
    assert.match(
      text,
      /"attachment":\{"mediaType":"text\/x\.cucumber\.log\+plain"[^}]*"testCaseStartedId":"r9","testStepId":"ts9"/,
    )
  })

  it('is counted by its lab where several scenarios took it over', () => {
    const drills = runOverview(twoScenarios().entries()).drills.filter(({ background }) => background !== undefined)
    assert.deepEqual(backgroundTexts([...drills, ...drills]), [
      `2 scenarios did not execute their background, but took its outcome over from ${source}.`,
    ])
    assert.deepEqual(backgroundTexts([]), [])
  })
})
