import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Envelope } from './envelope.ts'
import { MergedEnvelopes } from './merged-envelopes.ts'

/** What Cucumber says when it runs the feature `name`, with ids that begin with `id`. */
function declare(id: string, name: string): readonly Envelope[] {
  const uri = `${name}.feature`
  const scenario = { id: `${id}-scenario`, steps: [{ id: `${id}-step`, text: 's' }] }
  const pickle = { id: `${id}-pickle`, uri, astNodeIds: [`${id}-scenario`], steps: [{ id: `${id}-pstep` }] }
  return [
    { meta: { pid: id } },
    { source: { uri, data: 'Feature' } },
    { gherkinDocument: { uri, feature: { children: [{ scenario }] } } },
    { pickle },
    { hook: { id: `${id}-hook1`, sourceReference: { uri: 'h.ts' } } },
    { hook: { id: `${id}-hook2`, sourceReference: { uri: 'h.ts' } } },
    { stepDefinition: { id: `${id}-definition`, pattern: { source: 's' } } },
    { testRunStarted: { id: `${id}-run`, timestamp: id } },
  ] as unknown as readonly Envelope[]
}

function execute(id: string, name = id): readonly Envelope[] {
  const testSteps = [
    { id: `${name}-hook`, hookId: `${id}-hook2` },
    { id: `${name}-teststep`, pickleStepId: `${id}-pstep`, stepDefinitionIds: [`${id}-definition`] },
  ]
  return [
    { testCase: { id: `${name}-case`, pickleId: `${id}-pickle`, testRunStartedId: `${id}-run`, testSteps } },
    { testCaseStarted: { id: `${name}-started`, testCaseId: `${name}-case` } },
    { testStepFinished: { testCaseStartedId: `${name}-started`, testStepId: `${name}-hook` } },
    { testStepStarted: { testCaseStartedId: `${name}-started`, testStepId: `${name}-teststep` } },
  ] as unknown as readonly Envelope[]
}

const finish = (name: string, success: boolean): readonly Envelope[] =>
  [
    { testStepFinished: { testCaseStartedId: `${name}-started`, testStepId: `${name}-teststep` } },
    { testCaseFinished: { testCaseStartedId: `${name}-started` } },
    { testRunFinished: { testRunStartedId: `${name}-run`, success } },
  ] as unknown as readonly Envelope[]

const takeAll = (merged: MergedEnvelopes, worker: number, envelopes: readonly Envelope[]) =>
  envelopes.flatMap((envelope) => merged.take(worker, envelope) ?? [])
const kinds = (envelopes: readonly Envelope[]) => envelopes.flatMap((envelope) => Object.keys(envelope))
const at = new Date(1_500)

describe('merged envelopes', () => {
  it('of one run are unchanged, except for the end', () => {
    const merged = new MergedEnvelopes()
    const all = [...declare('a', 'x'), ...execute('a'), ...finish('a', true)]
    assert.deepEqual(takeAll(merged, 1, all), all.slice(0, -1))
    assert.deepEqual(merged.end(at), {
      testRunFinished: { testRunStartedId: 'a-run', success: true, timestamp: { seconds: 1, nanos: 500_000_000 } },
    })
  })

  it('declare everything once, even two equal hooks, and refer to the first declaration', () => {
    const merged = new MergedEnvelopes()
    takeAll(merged, 1, declare('a', 'x'))
    // Another worker with the same feature, as when the first was lost.
    assert.deepEqual(takeAll(merged, 2, declare('b', 'x')), [])
    const [testCase] = takeAll(merged, 2, execute('b'))
    assert.deepEqual(testCase?.testCase, {
      id: 'b-case',
      pickleId: 'a-pickle',
      testRunStartedId: 'a-run',
      testSteps: [
        { id: 'b-hook', hookId: 'a-hook2' },
        { id: 'b-teststep', pickleStepId: 'a-pstep', stepDefinitionIds: ['a-definition'] },
      ],
    })
  })

  it('keep declarations of another feature, even of the same worker', () => {
    const merged = new MergedEnvelopes()
    takeAll(merged, 1, declare('a', 'x'))
    assert.deepEqual(kinds(takeAll(merged, 1, declare('c', 'y'))), ['source', 'gherkinDocument', 'pickle'])
    assert.equal(takeAll(merged, 1, execute('c'))[0]?.testCase?.pickleId, 'c-pickle')
  })

  it('are a failure if one of the runs was one', () => {
    const merged = new MergedEnvelopes()
    takeAll(merged, 1, [...declare('a', 'x'), ...execute('a'), ...finish('a', false)])
    takeAll(merged, 2, [...declare('b', 'y'), ...execute('b'), ...finish('b', true)])
    assert.equal(merged.end(at)?.testRunFinished?.success, false)
  })

  it('end the scenario of a lost worker at its open step', () => {
    const merged = new MergedEnvelopes()
    takeAll(merged, 1, [...declare('a', 'x'), ...execute('a')])
    takeAll(merged, 2, [...declare('b', 'y'), ...execute('b'), ...finish('b', true)])
    assert.deepEqual(merged.lose(2, 'lost', at), [])
    const [step, end, ...more] = merged.lose(1, 'lost', at)
    assert.deepEqual(more, [])
    assert.equal(step?.testStepFinished?.testStepId, 'a-teststep')
    assert.equal(step?.testStepFinished?.testStepResult.status, 'FAILED')
    assert.equal(end?.testCaseFinished?.testCaseStartedId, 'a-started')
    assert.deepEqual(merged.lose(1, 'lost', at), [])
    assert.equal(merged.end(at)?.testRunFinished?.success, false)
  })

  it('have no end without a beginning', () => {
    assert.equal(new MergedEnvelopes().end(at), undefined)
  })
})
