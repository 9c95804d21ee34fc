import { duration } from '../text/duration.ts'
import { printable } from '../text/printable.ts'
import type { Style } from '../text/style.ts'
import { table } from '../text/table.ts'
import type { PlayedExercise, TeamHistory } from './past-exercise.ts'

/** The headings of the cells of `exerciseCells`. */
export const exerciseHeadings = [
  ...['result', 'detected', 'first right action', 'recovered', 'end', 'hints', 'left wrong'],
] as const

/** Returns the cells of a row that compares an exercise with others of its team. */
export function exerciseCells(played: PlayedExercise): readonly string[] {
  const { outcome, detectedMs, firstRightMs, recoveredMs, isLasting, clockMs, end, hintCount, hintPriceMs } = played
  const at = (ms: number | undefined, never: string): string => (ms === undefined ? never : duration(ms))
  const isLost = recoveredMs !== undefined && !isLasting
  return [
    outcome,
    at(detectedMs, 'not reported'),
    at(firstRightMs, 'never'),
    `${at(recoveredMs, 'never')}${isLost ? ', not at the end' : ''}`,
    `${duration(clockMs)}, ${end ?? 'killed'}`,
    `${hintCount}${hintPriceMs > 0 ? ` (+${duration(hintPriceMs)})` : ''}`,
    played.leftWrong.join('; '),
  ]
}

export const teamTitle = ({ exercise, team }: TeamHistory): string =>
  team === undefined ? `${exercise}, a team without a name` : `${exercise}, team ${team}`

const maxPlayed = 20

/** Returns the lines that compare the exercises of each team. Empty without exercises. */
export function exerciseLines(teams: readonly TeamHistory[], style: Style): readonly string[] {
  const columns = ['started', ...exerciseHeadings].map((heading) => ({ heading: heading.toUpperCase() }))
  return teams.flatMap((team) => {
    const shown = team.played.slice(-maxPlayed)
    const rows = shown.map((one) => [minuteOf(one.startedAt), ...exerciseCells(one).slice(0, -1), wrongCount(one)])
    return [
      ...['', `Exercise ${printable(teamTitle(team))}:`],
      ...table(columns, rows, { style, indent: 2 }),
      ...shown.flatMap(({ startedAt, leftWrong }) =>
        leftWrong.map((text) => `  ${minuteOf(startedAt)} left wrong: ${printable(text)}`),
      ),
    ]
  })
}

const wrongCount = ({ leftWrong: { length } }: PlayedExercise): string => (length === 0 ? '' : `${length}`)

const minuteOf = (time: string): string => time.slice(0, 16).replace('T', ' ')
