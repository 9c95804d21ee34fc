import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ExerciseRecord } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { teamFinishes } from '../verdict/claim/exercise-claims.ts'
import { exerciseReview } from './exercise-review.ts'
import { deficienciesOf, timeRows } from './exercise-review-text.ts'
import { command, look, sampleExercise as records, seconds } from './sample-exercise.fixture.ts'
import { summary } from './summary.ts'

function journalOf(some: readonly ExerciseRecord[]) {
  const journal = new MemoryJournal()
  journal.append({ kind: 'run-started', run: 'r', version: '1', argv: [] })
  journal.append({ kind: 'drill-started', name: 'n', feature: 'f', location: 'a.feature:3' }, 'd1')
  for (const record of some) journal.append({ kind: 'exercise', ...record }, 'd1')
  return journal.entries()
}

describe('the review of an exercise', () => {
  it('has the times to detect, to the first command that helped, and to the recovery', () => {
    const review = exerciseReview(journalOf(records))
    assert.deepEqual(review?.times, {
      ...{ reportedMs: seconds(30), reportedBy: 'ann', firstCommandMs: seconds(20), firstRightMs: seconds(40) },
      ...{ recoveredMs: seconds(75), isLasting: true, requiredMs: seconds(300) },
    })
    assert.deepEqual([review?.clockMs, review?.end], [seconds(90), 'done'])
  })

  it('shows a recovery that was late, and one that did not last', () => {
    const late = exerciseReview(journalOf([...records.slice(0, 3), look(310, '+++'), look(320, '++-')]))
    assert.equal(late && timeRows(late)[3]?.when, '5 min 10 s, too late, and not at the end')
    assert.deepEqual(late && deficienciesOf(late), [
      'objective "read": met after 5 min 10 s, too late, and at the end: does not hold',
    ])
  })

  it('marks the commands before a look that found more, or less', () => {
    const effects = exerciseReview(journalOf(records))?.commands.map(({ command: text, effect }) => [text, effect])
    assert.deepEqual(effects, [
      ['findmnt', undefined],
      ['mount --bind a b', 'helped'],
      ['umount b', 'harmed'],
      ['mount --bind a b', 'helped'],
    ])
  })

  it('blames no command for a node that was not examined, or was restarted', () => {
    const effects = (some: readonly ExerciseRecord[]) =>
      exerciseReview(journalOf([...records.slice(0, 1), look(0, '+++'), ...some]))?.commands.map(({ effect }) => effect)
    const restart: ExerciseRecord = { event: 'node restarted', clockMs: 1, node: 'recovery/compute-1' }
    assert.deepEqual(effects([command(1, 'umount b'), look(2, '+?+'), look(3, '+++')]), [undefined])
    assert.deepEqual(effects([command(1, 'true'), restart, look(2, '+-+')]), [undefined])
    assert.deepEqual(effects([command(1, 'umount b'), look(2, '+-+')]), ['harmed'])
  })

  it('assigns what changed on a node to the commands on that node, but not to those that only read', () => {
    const other: ExerciseRecord = { ...command(30, 'rmdir b'), node: 'recovery/compute-2', person: 'ben' }
    const review = exerciseReview(
      journalOf([...records.slice(0, 2), command(10, 'ls'), command(20, 'mount --bind a b'), other, look(45, '++-')]),
    )
    assert.deepEqual(
      review?.commands.map(({ effect }) => effect),
      [undefined, 'helped', undefined],
    )
    assert.deepEqual(
      review?.people.map(({ title, helpedCount, commands: own }) => [title, helpedCount, own.length]),
      [
        ['ann', 1, 2],
        ['ben (storage)', 0, 1],
      ],
    )
  })

  it('has what the checks after the end found wrong, by node', () => {
    const journal = new MemoryJournal()
    for (const { seq: _, at: __, ...event } of journalOf(records)) journal.append(event, 'd1')
    const finding = { question: 'every restore has the content', verdict: 'fail' as const, sentence: 'x'.repeat(400) }
    journal.append({ kind: 'finding', finding: { ...finding, evidence: [] } }, 'd1')
    const late = { question: teamFinishes.name, verdict: 'fail' as const, sentence: 'late', evidence: [] }
    journal.append({ kind: 'finding', finding: late }, 'd1')
    const review = exerciseReview(journal.entries())
    assert.deepEqual(review?.leftWrong, [
      { verdict: 'fail', question: finding.question, places: [`${'x'.repeat(300)} …`] },
    ])
    assert.match(summary(journal.entries()), /#### Left wrong though it looked right\n\n- \*\*fail\*\* every restore/)
  })

  it('has people, events and objectives on one timeline', () => {
    const lines = exerciseReview(journalOf(records))?.timeline.map(({ about, text }) => `${about}: ${text}`)
    assert.deepEqual(lines, [
      'events: the clock began to run',
      'objectives: "read": does not hold',
      'people: ann reported what is wrong: no bind',
      'people: ann on recovery/compute-1: mount --bind a b (helped)',
      'people: ann on recovery/compute-1: umount b (harmed)',
      'people: ann took hint 1 (+1.0 s)',
      'people: ann on recovery/compute-1: mount --bind a b (helped)',
      'objectives: "read": holds',
      'events: the work of the team ended (done)',
    ])
  })

  it('has when each objective was met, and its last state', () => {
    assert.deepEqual(exerciseReview(journalOf(records))?.objectives, [
      { name: 'read', withinMs: seconds(300), metAtMs: seconds(75), last: 'holds' },
      { name: 'restore' },
    ])
  })

  it('is made of a journal that ends early, and of no drill without a team', () => {
    assert.equal(exerciseReview(journalOf(records.slice(0, 5)))?.end, undefined)
    assert.equal(exerciseReview(journalOf([])), undefined)
  })

  it('is in the summary, with its names as text', () => {
    const text = summary(journalOf(records))
    assert.match(text, /### After-action review: The \\\| page/)
    assert.match(text, /#### Commands of ann: 4, 2 helped, 1 had to be undone/)
    assert.match(text, /\| 40\.0 s \| recovery\/compute-1 \| mount --bind a b \| 0 \| helped \|/)
    assert.match(text, /#### Hints: 1 hint, \+1\.0 s/)
    assert.match(text, /\| 1 command had to be undone \| {2}\| {2}\| {2}\|/)
    assert.match(text, /\| Facilitator \| {2}\| {2}\| {2}\|/)
    assert.match(text, /\| read \| 5 min 00 s \| 1 min 15 s \| holds \|/)
    assert.match(text, /- \[ \] Who checks\?/)
  })
})
