import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEvent, Outcome } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { sampleJournal } from '../report/page/sample-journal.fixture.ts'
import { metricsRequest } from './otlp-metrics.ts'
import { assertOtlp } from './otlp-schema.fixture.ts'
import { traceRequests } from './otlp-traces.ts'
import type { Span } from './span.ts'

const source = { version: '1.0.0', resource: [{ key: 'service.name', value: { stringValue: 'dr-drill' } }] }
const hostile = 'a\u0000\u001b[31m\u202e\ud800"\n'

/** The spans of all requests, which are held against the definitions of OTLP. */
function spansOf(entries: ReturnType<MemoryJournal['entries']>): readonly Span[] {
  const requests = [...traceRequests(entries, source)]
  for (const request of requests) assertOtlp('traces', request)
  return requests.flatMap(({ resourceSpans }) =>
    (resourceSpans as { scopeSpans: { spans: Span[] }[] }[]).flatMap(({ scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) => spans),
    ),
  )
}

const attribute = ({ attributes }: Span, key: string): unknown => {
  const value = attributes.find((one) => one.key === key)?.value
  return value && Object.values(value)[0]
}

describe('metrics over OTLP', () => {
  it('are gauges of the same names, valid by the published definitions', () => {
    const gauges = [
      { name: 'dr_drill_a_seconds', help: 'A.', samples: [{ value: 1.5 }] },
      { name: 'dr_drill_b', help: 'B.', samples: [{ labels: { node: hostile, empty: '' }, value: 0 }] },
      { name: 'dr_drill_c', help: 'C.', samples: [] },
    ]
    const request = metricsRequest(gauges, source, Date.UTC(2026, 10, 30))
    assertOtlp('metrics', request)
    const text = JSON.stringify(request)
    assert.match(text, /"name":"dr_drill_a_seconds","description":"A.","unit":"s","gauge"/)
    assert.match(text, /"timeUnixNano":"1795996800000000000","asDouble":1.5/)
    assert.doesNotMatch(text, /dr_drill_c|"empty"/)
    // JSON would escape them with one backslash.
    assert.doesNotMatch(text.replaceAll('\\\\', ''), /\\u|\u202e/)
  })

  it('write numbers that JSON does not have as texts, as the mapping of protobuf does', () => {
    const gauges = [{ name: 'dr_drill_a', help: 'A.', samples: [{ value: Number.NaN }, { value: Infinity }] }]
    assert.match(JSON.stringify(metricsRequest(gauges, source, 0)), /"asDouble":"NaN".*"asDouble":"Infinity"/)
  })
})

describe('a drill over OTLP', () => {
  const entries = sampleJournal([
    { output: hostile },
    { outcome: 'failed', name: hostile, attempts: 2 },
    { moreCommands: 2500 },
  ])

  it('is a trace of its own, whose spans have ids that are unique, and the same each time', () => {
    const spans = spansOf(entries)
    assert.deepEqual(spansOf(entries), spans)
    assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length)
    const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined)
    assert.equal(roots.length, 4)
    assert.equal(new Set(roots.map(({ traceId }) => traceId)).size, 4)
    for (const { traceId, parentSpanId } of spans)
      assert.ok(
        parentSpanId === undefined || spans.some((one) => one.traceId === traceId && one.spanId === parentSpanId),
        'its parent is in its trace',
      )
    assert.ok([...traceRequests(entries, source)].length > 2, 'long runs are divided')
  })

  it('has phases, commands in them, and faults, restores and findings as events', () => {
    const spans = spansOf(entries)
    const [root] = spans
    assert.ok(root !== undefined && attribute(root, 'dr_drill.outcome') === 'passed')
    const own = spans.filter(({ traceId }) => traceId === root.traceId)
    assert.deepEqual(
      own.map(({ name }) => name),
      ['Scenario 1', 'provision', 'back up', 'recover', 'restore', 'qemu-img', 'tear down'],
    )
    const [restore, command] = [own[4], own[5]]
    assert.equal(command?.parentSpanId, restore?.spanId)
    assert.equal(command && attribute(command, 'process.command_line'), 'qemu-img convert a b')
    assert.deepEqual(
      restore?.events.map(({ name }) => name),
      ['restore', 'restore'],
    )
    assert.deepEqual(
      root.events.map(({ name }) => name),
      ['fault', 'finding'],
    )
  })

  const statuses: readonly (readonly [Outcome | 'open', number])[] = [
    ['passed', 1],
    ['failed', 2],
    ['unknown', 2],
    ['not run', 0],
    ['open', 2],
  ]
  for (const [outcome, code] of statuses)
    it(`has the status ${code} if it is ${outcome}`, () => {
      const ended: readonly JournalEvent[] = outcome === 'open' ? [] : [{ kind: 'drill-ended', outcome, why: 'w' }]
      const [root] = spansOf(drillOf(ended))
      assert.equal(root?.status.code, code)
    })

  it('has steps with their own times and verdicts, and the phases of each in it', () => {
    const spans = spansOf(drillWithSteps())
    const shown = spans.map(({ name, parentSpanId, status }) => [
      ...[name, spans.find(({ spanId }) => spanId === parentSpanId)?.name, status.code],
    ])
    assert.deepEqual(shown, [
      ['Lost', undefined, 2],
      ['it is bound', 'Lost', 1],
      ['it restores', 'Lost', 2],
      ['recover', 'it is bound', 0],
      ['restore', 'recover', 0],
      ['mount', 'restore', 0],
      ['umount', 'it is bound', 0],
      ['ls', 'it restores', 0],
      ['tear down', 'Lost', 0],
    ])
    assert.deepEqual(spans.at(-1)?.events, [])
    const failure = spans.find(({ name }) => name === 'it restores')
    assert.deepEqual([failure?.status.message, failure?.events.map(({ name }) => name)], ['q: s', ['finding']])
  })

  it('of a killed run ends its phases where the journal ends', () => {
    const entries = drillOf([
      { kind: 'phase-started', phase: 'recover' },
      { kind: 'note', text: 'n' },
    ])
    const [root, phase] = spansOf(entries)
    assert.equal(phase?.endTimeUnixNano, root?.endTimeUnixNano)
  })
})

function drillOf(events: readonly JournalEvent[]) {
  const journal = new MemoryJournal()
  journal.append({ kind: 'run-started', run: 'r', version: '1', argv: [] })
  journal.append({ kind: 'drill-started', name: 'Lost', feature: 'F', location: 'a.feature:3' }, 'd1')
  for (const event of events) journal.append(event, 'd1')
  return journal.entries()
}

/** A drill with two steps, the first of which has nested phases, and a third that was skipped. */
function drillWithSteps() {
  const journal = new MemoryJournal()
  const envelope = (content: object) => journal.append({ kind: 'envelope', envelope: content })
  const texts = ['it is bound', 'it restores', 'it is skipped']
  const steps = texts.map((text, nth) => ({ id: `p${nth}`, text, astNodeIds: [] }))
  journal.append({ kind: 'run-started', run: 'r', version: '1', argv: [] })
  envelope({
    pickle: { id: 'p', uri: 'a.feature', name: 'Lost', location: { line: 3 }, tags: [], astNodeIds: [], steps },
  })
  envelope({
    testCase: {
      id: 'c',
      pickleId: 'p',
      testSteps: texts.map((_, nth) => ({ id: `t${nth}`, pickleStepId: `p${nth}` })),
    },
  })
  envelope({ testCaseStarted: { id: 's', testCaseId: 'c', attempt: 0 } })
  const add = (event: JournalEvent, series?: string) => journal.append(series ? { ...event, series } : event, 'd1')
  const step = (nth: number, status: string, work: () => void) => {
    envelope({ testStepStarted: { testCaseStartedId: 's', testStepId: `t${nth}` } })
    work()
    const testStepResult = {
      status,
      duration: { seconds: 0, nanos: 0 },
      ...(status === 'FAILED' && { message: 'q: s' }),
    }
    envelope({ testStepFinished: { testCaseStartedId: 's', testStepId: `t${nth}`, testStepResult } })
  }
  const command = (text: string): JournalEvent => ({
    ...{
      kind: 'command',
      where: 'n',
      command: text,
      ended: 'exited',
      exitCode: 1,
      stdout: '',
      stderr: '',
      durationMs: 1.5,
    },
  })
  add({ kind: 'drill-started', name: 'Lost', feature: 'F', location: 'a.feature:3' })
  step(0, 'PASSED', () => {
    add({ kind: 'phase-started', phase: 'recover' }, 's1')
    add({ kind: 'phase-started', phase: 'restore' }, 's1')
    add(command('/usr/bin/mount a b'), 's1')
    add({ kind: 'phase-ended', phase: 'restore', durationMs: 1 }, 's1')
    add({ kind: 'phase-ended', phase: 'recover', durationMs: 1 }, 's1')
    add(command('umount b'), 's1')
  })
  step(1, 'FAILED', () => {
    add(command('ls'), 's2')
    add({ kind: 'finding', finding: { verdict: 'fail', question: 'q', sentence: 's', evidence: [] } }, 's2')
  })
  step(2, 'SKIPPED', () => {})
  add({ kind: 'phase-started', phase: 'tear down' }, 's2')
  add({ kind: 'phase-ended', phase: 'tear down', durationMs: 1 }, 's2')
  add({ kind: 'drill-ended', outcome: 'failed', why: 'q: s' })
  return journal.entries()
}
