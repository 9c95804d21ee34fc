import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JournalEvent } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import type { Resolution } from '../recovery/site/check-nodes.ts'
import { recoveryTime } from '../verdict/claim/objectives.ts'
import { checkMetrics } from './check-metrics.ts'
import { openMetrics } from './open-metrics.ts'
import { runMetrics } from './run-metrics.ts'

const hostile = 'a"b\\c\nd\u001b[31m\u202ee'

describe('metrics', () => {
  it('are gauges with a help, a type and a line for each value, and end with a mark', () => {
    const text = openMetrics([
      { name: 'dr_drill_a', help: 'A.', samples: [{ value: 1.5 }] },
      { name: 'dr_drill_b', help: 'B.', samples: [{ labels: { node: 'x', site: 'y' }, value: 0 }] },
      { name: 'dr_drill_c', help: 'C.', samples: [] },
    ])
    assert.equal(
      text,
      [
        ...['# HELP dr_drill_a A.', '# TYPE dr_drill_a gauge', 'dr_drill_a 1.5'],
        ...['# HELP dr_drill_b B.', '# TYPE dr_drill_b gauge', 'dr_drill_b{node="x",site="y"} 0'],
        ...['# EOF', ''],
      ].join('\n'),
    )
  })

  it('hold hostile names as text on one line', () => {
    const text = openMetrics([{ name: 'dr_drill_a', help: 'A.', samples: [{ labels: { node: hostile }, value: 1 }] }])
    const [, , line = ''] = text.split('\n')
    assert.match(line, /^dr_drill_a\{node="a\\"b(\\\\|[^"\n])*"\} 1$/)
    assert.equal([...text].filter((one) => one < ' ' && one !== '\n').length, 0)
    assert.doesNotMatch(text, /\u202e/)
  })
})

describe('the metrics of a check', () => {
  const readiness = (states: readonly Resolution['state'][]) => {
    const resolutions = states.map((state, nth) => ({ where: 'n', path: `/p${nth}`, state, why: '' }))
    const gauges = checkMetrics({ site: 's', resolutions, exitCode: 0, nowMs: 0 })
    return gauges.find(({ name }) => name === 'dr_drill_node_ready')?.samples[0]?.value
  }

  it('call a node ready only if every path resolves', () => {
    assert.equal(readiness(['resolves', 'resolves']), 1)
    for (const state of ['missing', 'wrong', 'unreadable', 'unknown', 'not kept'] as const)
      assert.equal(readiness(['resolves', state]), 0, state)
    assert.equal(readiness([]), undefined)
  })
})

describe('the metrics of a run', () => {
  function metricsOf(...events: readonly JournalEvent[]): string {
    const journal = new MemoryJournal()
    journal.append({ kind: 'run-started', run: 'r', version: '1', argv: [] })
    journal.append({ kind: 'drill-started', name: 'Lost', feature: 'F', location: 'a:1' }, 'd1')
    for (const event of events) journal.append(event, 'd1')
    return openMetrics(runMetrics(journal.entries()))
  }

  it('call a scenario passed only if it passed', () => {
    const line = (value: number) => `dr_drill_scenario_passed{location="a:1",scenario="Lost"} ${value}\n`
    assert.ok(metricsOf({ kind: 'drill-ended', outcome: 'passed' }).includes(line(1)))
    for (const outcome of ['failed', 'unknown', 'not run'] as const)
      assert.ok(metricsOf({ kind: 'drill-ended', outcome }).includes(line(0)), outcome)
    assert.ok(metricsOf().includes(line(0)), 'a drill that never ended')
  })

  it('have the required and the measured time of an objective, and do not call an unmeasured one met', () => {
    const text = metricsOf(
      { kind: 'expectation', question: recoveryTime.name, expected: { withinMs: 60_000 } },
      {
        kind: 'finding',
        finding: {
          verdict: 'unknown',
          question: recoveryTime.name,
          sentence: 's',
          evidence: [],
        },
      },
      { kind: 'drill-ended', outcome: 'unknown' },
    )
    const labels = '{location="a:1",scenario="Lost",objective="recovery time",workload=""}'
    assert.ok(text.includes(`dr_drill_objective_met${labels} 0\n`), text)
    assert.ok(text.includes(`dr_drill_objective_required_seconds${labels} 60\n`))
    assert.doesNotMatch(text, /objective_measured/)
  })
})
