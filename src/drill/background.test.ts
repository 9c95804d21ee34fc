import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Envelope, GherkinDocument, Pickle } from '../journal/envelope.ts'
import { BackgroundProgress, Backgrounds, backgroundOf } from './background.ts'

/** Returns a feature whose background has these steps, at the top or in a rule. */
const feature = (uri: string, lines: readonly string[], inRule = false): GherkinDocument => {
  const background = { background: { steps: lines.map((text) => ({ id: `${uri} ${text}`, text })) } }
  const children = inRule ? [{ rule: { children: [background] } }] : [background]
  return { uri, feature: { children } } as unknown as GherkinDocument
}

/** Returns a scenario with a background, and one step of its own. */
const pickle = (uri: string, id: string, background: readonly string[], type = 'Context'): Pickle =>
  ({
    id,
    uri,
    steps: [
      ...background.map((text) => ({ id: `${id} ${text}`, text, type, astNodeIds: [`${uri} ${text}`] })),
      { id: `${id} own`, text: `own of ${id}`, type: 'Action', astNodeIds: [`${uri} own`] },
    ],
  }) as unknown as Pickle

const sites = ['a site', 'a backup']

describe('the background of a scenario', () => {
  it('has the steps of the background in order, and not those of the scenario', () => {
    const found = backgroundOf(pickle('a.feature', 'p1', sites), feature('a.feature', sites))
    assert.deepEqual(found?.steps, ['p1 a site', 'p1 a backup'])
  })

  it('is found in a rule', () => {
    const found = backgroundOf(pickle('a.feature', 'p1', sites), feature('a.feature', sites, true))
    assert.equal(found?.steps.length, 2)
  })

  it('has the same key in several features, and another key with another step', () => {
    const key = (uri: string, lines: readonly string[]) =>
      backgroundOf(pickle(uri, uri, lines), feature(uri, lines))?.key ?? assert.fail('none')
    assert.equal(key('a.feature', sites), key('b.feature', sites))
    assert.notEqual(key('a.feature', sites), key('a.feature', sites.slice(0, 1)))
    assert.notEqual(key('a.feature', sites), key('a.feature', sites.toReversed()))
  })

  it('has another key if the table of a step differs', () => {
    const withTable = (value: string) => {
      const scenario = pickle('a.feature', 'p1', ['a site'])
      const steps = scenario.steps.map((step) => ({
        ...step,
        argument: { dataTable: { rows: [{ cells: [{ value }] }] } },
      }))
      return backgroundOf({ ...scenario, steps }, feature('a.feature', ['a site']))?.key
    }
    assert.notEqual(withTable('one'), withTable('two'))
  })

  it('is undefined without a background, and with steps other than Given', () => {
    assert.equal(backgroundOf(pickle('a.feature', 'p1', []), feature('a.feature', [])), undefined)
    assert.equal(backgroundOf(pickle('a.feature', 'p1', sites), undefined), undefined)
    assert.equal(backgroundOf(pickle('a.feature', 'p1', sites, 'Action'), feature('a.feature', sites)), undefined)
  })
})

describe('the number of scenarios that wait for a background', () => {
  it('counts those that have not started', () => {
    const all = new Backgrounds()
    const take = (envelope: object) => all.update(envelope as Envelope)
    take({ gherkinDocument: feature('a.feature', sites) })
    for (const id of ['p1', 'p2', 'p3']) {
      take({ pickle: pickle('a.feature', id, id === 'p3' ? [] : sites) })
      take({ testCase: { id: `case ${id}`, pickleId: id } })
    }
    const { key } = backgroundOf(pickle('a.feature', 'p1', sites), feature('a.feature', sites)) ?? assert.fail('none')
    const seen = [all.waiting(key)]
    for (const id of ['p1', 'p3', 'p2']) {
      take({ testCaseStarted: { testCaseId: `case ${id}` } })
      seen.push(all.waiting(key))
    }
    assert.deepEqual(seen, [2, 1, 1, 0])
    assert.equal(all.waiting('another'), 0)
  })
})

describe('the background of the current drill', () => {
  const watched = () => {
    const seen: string[] = []
    const progress = new BackgroundProgress({ key: 'k', steps: ['1', '2'] })
    progress.watcher = { stepDone: (count) => seen.push(`${count} done`), over: async () => void seen.push('over') }
    return { progress, seen }
  }

  it('is over once, before the first step of the scenario', async () => {
    const { progress, seen } = watched()
    for (const id of ['1', '2', 'own', 'another']) {
      await progress.beforeStep(id)
      progress.afterStep(id, true)
    }
    assert.deepEqual(seen, ['1 done', '2 done', 'over'])
  })

  it('is never over if one of its steps did not pass', async () => {
    const { progress, seen } = watched()
    for (const [id, hasPassed] of [
      ['1', true],
      ['2', false],
      ['own', true],
    ] as const) {
      await progress.beforeStep(id)
      progress.afterStep(id, hasPassed)
    }
    assert.deepEqual(seen, ['1 done'])
  })
})
