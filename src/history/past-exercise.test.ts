import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ExerciseRecord, Outcome } from '../journal/journal.ts'
import { sampleExercise, seconds } from '../report/sample-exercise.fixture.ts'
import { plainStyle } from '../text/style.ts'
import { teamHistories } from './past-exercise.ts'
import { exerciseLines } from './past-exercise-text.ts'
import { runOn } from './past-runs.fixture.ts'
import { scenarioHistories } from './scenario-history.ts'

function playedOn(day: number, outcome: Outcome, team: string | undefined, cut = sampleExercise.length) {
  const exercise = sampleExercise
    .slice(0, cut)
    .map(
      (record): ExerciseRecord =>
        record.event === 'began' ? { ...record, exercise: 'page', ...(team !== undefined && { team }) } : record,
    )
  return runOn(day, outcome, { exercise })
}

describe('the exercises of a team', () => {
  const runs = [playedOn(2, 'passed', 'Nights'), playedOn(1, 'failed', 'Nights', 3), playedOn(3, 'passed', undefined)]

  it('are compared with those of the same exercise and team, the oldest first', () => {
    const teams = teamHistories([...runs, runOn(4, 'passed')])
    assert.deepEqual(
      teams.map(({ exercise, team, played }) => [exercise, team, played.map(({ run }) => run)]),
      [
        ['page', undefined, ['r3']],
        ['page', 'Nights', ['r1', 'r2']],
      ],
    )
    const [first, second] = teams[1]?.played ?? []
    assert.deepEqual(
      [second?.detectedMs, second?.firstRightMs, second?.recoveredMs, second?.hintCount, second?.hintPriceMs],
      [30, 40, 75, 1, 1].map((one, nth) => (nth === 3 ? one : seconds(one))),
    )
    assert.deepEqual([first?.end, first?.detectedMs, first?.recoveredMs], [undefined, undefined, undefined])
  })

  it('are printed with their times, hints, and what was left wrong', () => {
    const [, nights] = teamHistories(runs)
    assert.ok(nights)
    const [first, second] = nights.played
    assert.ok(first && second)
    const played = [first, { ...second, isLasting: false, leftWrong: ['restores: compute-1\x1b[2J'] }]
    const lines = exerciseLines([{ ...nights, team: 'N\x1b[2J', played }], plainStyle).join('\n')
    assert.match(lines, /^Exercise page, team N\\u001b\[2J:$/m)
    assert.match(lines, /2026-11-01 12:00 +failed +not reported +never +never +20\.0 s, killed +0$/m)
    assert.match(
      lines,
      /2026-11-02 12:00 +passed +30\.0 s +40\.0 s +1 min 15 s, not at the end +1 min 30 s, done +1 \(\+1\.0 s\) +1$/m,
    )
    assert.match(lines, /^ {2}2026-11-02 12:00 left wrong: restores: compute-1\\u001b\[2J$/m)
  })

  it('make no scenario unsteady: people differ', () => {
    assert.deepEqual(
      scenarioHistories(runs).map(({ isUnsteady }) => isUnsteady),
      [false],
    )
  })
})
