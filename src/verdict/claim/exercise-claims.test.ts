import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ExerciseRecord } from '../../journal/journal.ts'
import { MemoryJournal } from '../../journal/journal-memory.ts'
import { about } from '../question.ts'
import { hasExercise, objectivesMet, teamFinishes } from './exercise-claims.ts'

const minute = 60_000
const began: ExerciseRecord = {
  event: 'began',
  clockMs: 0,
  limitMs: 45 * minute,
  objectives: [
    { name: 'read', withinMs: 20 * minute, isJudgedLive: true },
    { name: 'restore', withinMs: 40 * minute, isJudgedLive: false },
  ],
}
const seen = (minutes: number, state: 'holds' | 'does not hold' | 'unknown'): ExerciseRecord => ({
  ...{ event: 'objective', clockMs: minutes * minute, subject: 'read', state },
})
const ended = (minutes: number, end: ExerciseRecord['end'] = 'done'): ExerciseRecord => ({
  ...{ event: 'ended', clockMs: minutes * minute },
  ...(end !== undefined && { end }),
})

function judged(question: typeof teamFinishes, ...records: readonly ExerciseRecord[]): string {
  const journal = new MemoryJournal()
  for (const record of records) journal.append({ kind: 'exercise', ...record })
  const { verdict, sentence } = about(question, {})(journal.entries())
  return `${verdict}: ${sentence}`
}

describe('the team finishes in time', () => {
  const rows: readonly (readonly [string, readonly ExerciseRecord[], RegExp])[] = [
    ['pass if the facilitator ended it before', [began, ended(30)], /^pass: the team finished after 30 min 00 s/],
    ['pass if all objectives held', [began, ended(30, 'objectives met')], /^pass/],
    ['fail if the time was up', [began, ended(45, 'time')], /^fail: the time was up/],
    ['fail if the price of a hint was more than the rest', [began, ended(46)], /^fail/],
    ['unknown if it was called off', [began, ended(10, 'called off')], /^unknown: the exercise was called off/],
    ['unknown without an end', [began], /^unknown/],
    ['unknown without a beginning', [ended(10)], /^unknown/],
  ]
  for (const [what, records, expected] of rows)
    it(`is ${what}`, () => assert.match(judged(teamFinishes, ...records), expected))
})

describe('the objectives of an exercise', () => {
  const rows: readonly (readonly [string, readonly ExerciseRecord[], RegExp])[] = [
    [
      'pass if each was met in time and holds',
      [began, seen(0, 'does not hold'), seen(15, 'holds'), seen(30, 'holds'), ended(30)],
      /^pass/,
    ],
    [
      'pass if one did not hold for a while, after it was met',
      [began, seen(15, 'holds'), seen(25, 'unknown'), seen(26, 'holds'), ended(30)],
      /^pass/,
    ],
    [
      'fail if one does not hold at the end',
      [began, seen(15, 'holds'), seen(30, 'does not hold'), ended(30)],
      /^fail: "read" does not hold at the end/,
    ],
    [
      'fail if one was met late',
      [began, seen(21, 'holds'), ended(30)],
      /^fail: "read" was met after 21 min 00 s, later than/,
    ],
    [
      'fail if one that is judged at the end was late',
      [began, seen(15, 'holds'), ended(41)],
      /^fail: "restore" was judged/,
    ],
    [
      'unknown if a node did not answer at the end',
      [began, seen(15, 'holds'), seen(30, 'unknown'), ended(30)],
      /^unknown/,
    ],
    ['unknown if one was never looked at', [began, ended(30)], /^unknown: "read" was not looked at/],
    ['unknown without any', [{ ...began, objectives: [] }, ended(30)], /^unknown/],
  ]
  for (const [what, records, expected] of rows)
    it(`are judged: ${what}`, () => assert.match(judged(objectivesMet, ...records), expected))

  it('are asked of a drill in which a team has begun, and of no other', () => {
    const journal = new MemoryJournal()
    journal.append({ kind: 'note', text: 'x' })
    assert.equal(hasExercise(journal.entries()), false)
    journal.append({ kind: 'exercise', ...began })
    assert.equal(hasExercise(journal.entries()), true)
  })
})
