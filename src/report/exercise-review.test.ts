import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ExerciseRecord } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import { exerciseReview } from './exercise-review.ts'
import { summary } from './summary.ts'

const seconds = (count: number): number => count * 1000
const command = (at: number, text: string, exitCode = 0): ExerciseRecord => ({
  ...{ event: 'command', clockMs: seconds(at), person: 'ann', node: 'recovery/compute-1', text, exitCode },
})
const look = (at: number, holding: number, state: 'holds' | 'does not hold' = 'does not hold'): ExerciseRecord => ({
  ...{ event: 'objective', clockMs: seconds(at), subject: 'read', state, holding },
})
const records: readonly ExerciseRecord[] = [
  {
    ...{ event: 'began', clockMs: 0, text: 'The | page', people: ['ann', 'ben (storage)'], limitMs: seconds(600) },
    objectives: [
      { name: 'read', withinMs: seconds(300), isJudgedLive: true },
      { name: 'restore', isJudgedLive: false },
    ],
    lookAt: ['Who checks?'],
  },
  look(0, 1),
  command(20, 'findmnt'),
  look(25, 1),
  command(40, 'mount --bind a b'),
  look(45, 2),
  command(50, 'umount b', 32),
  look(55, 1),
  { event: 'hint', clockMs: seconds(60), subject: '1', text: 'Look.', person: 'ann', priceMs: 1000 },
  command(70, 'mount --bind a b'),
  look(75, 3, 'holds'),
  look(90, 3, 'holds'),
  { event: 'ended', clockMs: seconds(90), end: 'done' },
]

function journalOf(some: readonly ExerciseRecord[]) {
  const journal = new MemoryJournal()
  journal.append({ kind: 'run-started', run: 'r', version: '1', argv: [] })
  journal.append({ kind: 'drill-started', name: 'n', feature: 'f', location: 'a.feature:3' }, 'd1')
  for (const record of some) journal.append({ kind: 'exercise', ...record }, 'd1')
  return journal.entries()
}

describe('the review of an exercise', () => {
  it('has the first command, the first one that helped, and the recovery', () => {
    const review = exerciseReview(journalOf(records))
    assert.deepEqual(
      [review?.firstCommandMs, review?.firstRightMs, review?.recoveredMs, review?.clockMs, review?.end],
      [20, 40, 75, 90, 'done'].map((one) => (typeof one === 'number' ? seconds(one) : one)),
    )
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
    assert.match(text, /\| 40\.0 s \| ann \| recovery\/compute-1 \| mount --bind a b \| 0 \| helped \|/)
    assert.match(text, /\| read \| 5 min 00 s \| 1 min 15 s \| holds \|/)
    assert.match(text, /- \[ \] Who checks\?/)
  })
})
