import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { AppendedEvent } from '../../journal/journal.ts'
import { MemoryJournal } from '../../journal/journal-memory.ts'
import { about } from '../question.ts'
import { table } from '../question-table.fixture.ts'
import { rejudge } from '../questions.ts'
import { defineObservation } from './define-observation.ts'
import { isFiniteNumber, isListOf, isOneOf, isText } from './facts.ts'

const view = defineObservation('origin path', isOneOf('missing', 'empty', 'filled'))
const images = defineObservation('images', isFiniteNumber)
const output = defineObservation('output', isText)
const shares = defineObservation('shares', isListOf(isText))

const seen = (subject: string, facts: unknown, where = 'compute-1', series = 's1'): AppendedEvent => ({
  ...{ kind: 'observation', subject, where, facts },
  series,
})
const later = (subject: string, facts: unknown, where = 'compute-1') => seen(subject, facts, where, 's2')

table(view.is, { where: 'compute-1', facts: 'filled' }, [
  ['the same', 'pass', /^filled on compute-1$/, [seen('origin path', 'filled')]],
  ['another value', 'fail', /^empty on compute-1, expected filled$/, [seen('origin path', 'empty')]],
  ['the last series counts', 'fail', /^empty/, [seen('origin path', 'filled'), later('origin path', 'empty')]],
  [
    'the last series that has the place counts',
    'pass',
    /^filled on compute-1$/,
    [seen('origin path', 'filled'), later('origin path', 'empty', 'appliance')],
  ],
  [
    'two values in one series',
    'fail',
    /^empty on compute-1, expected filled$/,
    [seen('origin path', 'empty'), seen('origin path', 'filled')],
  ],
  [
    'an invalid value in an earlier series',
    'pass',
    /^filled/,
    [seen('origin path', 'Permission denied'), later('origin path', 'filled')],
  ],
  [
    'an invalid value',
    'unknown',
    /origin path is Permission denied on compute-1, which is not a valid observation/,
    [seen('origin path', 'Permission denied')],
  ],
  ['elsewhere only', 'unknown', /not observed on compute-1/, [seen('origin path', 'filled', 'appliance')]],
  ['another subject', 'unknown', /not observed/, [seen('local path', 'filled')]],
])

table(view.is, { facts: 'filled' }, [
  [
    'every place of the series',
    'pass',
    /^filled on compute-1, appliance$/,
    [seen('origin path', 'filled'), seen('origin path', 'filled', 'appliance')],
  ],
  [
    'not every place of the series, and the last one is as expected',
    'fail',
    /^empty on compute-1, expected filled$/,
    [seen('origin path', 'empty'), seen('origin path', 'filled', 'appliance')],
  ],
  [
    'not every place of the series, and the first one is as expected',
    'fail',
    /^empty on appliance, expected filled$/,
    [seen('origin path', 'filled'), seen('origin path', 'empty', 'appliance')],
  ],
  [
    'only the last of two series',
    'pass',
    /^filled on appliance$/,
    [seen('origin path', 'empty'), later('origin path', 'filled', 'appliance')],
  ],
  [
    'records that no step made, which form one series',
    'fail',
    /^empty/,
    ['empty', 'filled'].map((facts) => ({ kind: 'observation', subject: 'origin path', where: 'a', facts }) as const),
  ],
])
table(view.is, { facts: 'filled', series: 's1' }, [
  ['the named series', 'pass', /^filled/, [seen('origin path', 'filled'), later('origin path', 'empty')]],
  ['no such series', 'unknown', /not observed/, [later('origin path', 'filled')]],
])
table(view.is, { facts: 'filled', where: ['compute-1', 'compute-2'] }, [
  [
    'every named place',
    'pass',
    /^filled on compute-1, compute-2$/,
    [seen('origin path', 'filled'), seen('origin path', 'filled', 'compute-2')],
  ],
  ['a named place is not in the series', 'unknown', /not observed on compute-2/, [seen('origin path', 'filled')]],
  [
    'the last series has not all of the places, and an earlier one has',
    'unknown',
    /not observed on compute-2/,
    [seen('origin path', 'filled'), seen('origin path', 'filled', 'compute-2'), later('origin path', 'filled')],
  ],
])
table(view.is, { facts: 'filled', where: [] }, [['no place', 'unknown', /no node/, [seen('origin path', 'filled')]]])

const exit = defineObservation('exit code', isFiniteNumber)
const report = defineObservation('report', isText, { recordedWith: exit })
table(report.is, { facts: 'all is well' }, [
  ['recorded with the other', 'pass', /^all is well/, [seen('exit code', 0), seen('report', 'all is well')]],
  [
    'the last series has none, and an earlier one has',
    'unknown',
    /report was not observed on compute-1/,
    [seen('exit code', 0), seen('report', 'all is well'), later('exit code', 1)],
  ],
  [
    'one place of the series has none',
    'unknown',
    /report was not observed on compute-2/,
    [seen('exit code', 0), seen('report', 'all is well'), seen('exit code', 1, 'compute-2')],
  ],
])

table(shares.is, { facts: ['a', 'b'] }, [
  ['an equal list', 'pass', /\["a","b"\] on compute-1/, [seen('shares', ['a', 'b'])]],
  ['another list', 'fail', /expected \["a","b"\]/, [seen('shares', ['a'])]],
  ['a list of something else', 'unknown', /not a valid observation/, [seen('shares', ['a', 1])]],
])

table(output.isOneOf, { where: 'appliance', oneOf: ['old', 'new'] }, [
  ['each time', 'pass', /2 of 2 times/, [seen('output', 'old', 'appliance'), seen('output', 'new', 'appliance')]],
  [
    'not each time',
    'fail',
    /^ne on appliance, expected one of: old, new$/,
    [seen('output', 'ne', 'appliance'), seen('output', 'new', 'appliance')],
  ],
  ['elsewhere only', 'unknown', /not observed on appliance/, [seen('output', 'old')]],
  [
    'each time in the last series',
    'pass',
    /1 of 1/,
    [seen('output', 'ne', 'appliance'), later('output', 'old', 'appliance')],
  ],
])

table(images.isBetween, { where: 'compute-1', min: 20, max: 99 }, [
  ['not a number', 'unknown', /not a valid observation/, [seen('images', '20')]],
  ['not a number that counts', 'unknown', /not a valid observation/, [seen('images', Number.NaN)]],
  ['too few', 'fail', /^19 .* expected 20 to 99/, [seen('images', 19)]],
  ['too many', 'fail', /^100 .* expected 20 to 99/, [seen('images', 100)]],
  ['the upper end', 'pass', /^99 /, [seen('images', 99)]],
  ['the lower end', 'pass', /^20 /, [seen('images', 20)]],
  ['the last series counts', 'pass', /^99 /, [seen('images', 0), later('images', 99)]],
  ['once too few in a series', 'fail', /^0 on compute-1, expected/, [seen('images', 0), seen('images', 99)]],
  ['elsewhere only', 'unknown', /not observed on compute-1/, [seen('images', 50, 'compute-2')]],
])

table(images.isFaster, { times: 10 }, [
  ['observed once', 'unknown', /observed only once/, [seen('images', 10)]],
  ['not a time', 'unknown', /not a time/, [seen('images', 10), later('images', 0)]],
  ['a little faster', 'fail', /9\.9 times shorter, expected at least 10/, [seen('images', 990), later('images', 100)]],
  ['slower', 'fail', /0\.1 times/, [seen('images', 10), later('images', 100)]],
  [
    'faster than in the series before',
    'pass',
    /10\.0 times/,
    [seen('images', 1, 'compute-1', 's0'), seen('images', 1000), later('images', 100)],
  ],
  ['twice in one series', 'unknown', /only once/, [seen('images', 1000), seen('images', 100)]],
  [
    'twice in the last series',
    'unknown',
    /2 times at once/,
    [seen('images', 9), later('images', 1), later('images', 1)],
  ],
  [
    'twice in the series before',
    'unknown',
    /2 times at once/,
    [seen('images', 9), seen('images', 9), later('images', 1)],
  ],
  ['elsewhere before', 'unknown', /on compute-2 and on/, [seen('images', 1000, 'compute-2'), later('images', 100)]],
])

table(output.mentions, { text: 'all  well' }, [
  ['the same words', 'pass', /"all {2}well" found on compute-1/, [seen('output', 'it is all\nwell')]],
  ['other words', 'fail', /not found on compute-1: all is well/, [seen('output', 'all is well')]],
  ['not a text', 'unknown', /not a valid observation/, [seen('output', ['all well'])]],
  [
    'on one of two nodes only',
    'fail',
    /not found on compute-1: it broke/,
    [seen('output', 'it broke'), seen('output', 'all well', 'compute-2')],
  ],
  [
    'on every node of the last series',
    'pass',
    /found on compute-1, compute-2/,
    [
      seen('output', 'it broke', 'compute-1', 's0'),
      ...['compute-1', 'compute-2'].map((node) => seen('output', 'all well', node)),
    ],
  ],
])

describe('an observation', () => {
  it('is judged as it was recorded', () => {
    const journal = new MemoryJournal()
    view.record(journal, 'compute-1', 'missing')
    assert.equal(about(view.is, { facts: 'missing' })(journal.entries()).verdict, 'pass')
    view.recordOutput(journal, 'compute-1', 'Stale file handle')
    const { verdict, evidence } = about(view.is, { facts: 'missing' })(journal.entries())
    assert.deepEqual([verdict, evidence], ['unknown', [2]])
    assert.throws(() => view.history(journal.entries()), /Stale file handle/)
  })

  it('yields unknown to a question that its type leaves out', () => {
    const journal = new MemoryJournal()
    output.record(journal, 'compute-1', '50')
    const { isBetween } = output as unknown as typeof images
    assert.equal(about(isBetween, { min: 0, max: 99 })(journal.entries()).verdict, 'unknown')
  })

  it('can be judged again from its journal, with its own questions', () => {
    const journal = new MemoryJournal()
    view.record(journal, 'compute-1', 'filled')
    journal.append({ kind: 'expectation', question: view.is.name, expected: { facts: 'filled' } })
    const entries = JSON.parse(JSON.stringify(journal.entries()))
    assert.deepEqual([rejudge(entries, view.questions)[0]?.verdict, rejudge(entries)[0]?.verdict], ['pass', 'unknown'])
  })

  it('with empty words as the expectation is unknown', () => {
    const journal = new MemoryJournal()
    output.record(journal, 'compute-1', 'anything')
    assert.equal(about(output.mentions, { text: ' ' })(journal.entries()).verdict, 'unknown')
  })
})
