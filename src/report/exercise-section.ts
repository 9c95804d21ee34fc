import { duration } from '../text/duration.ts'
import type { ExerciseReview, ReviewedCommand } from './exercise-review.ts'

const maxCommands = 200

/**
 * Returns the after-action review of an exercise as Markdown.
 * @param plain returns text that Markdown shows as it is, on one line
 */
export function exerciseSection(review: ExerciseReview, plain: (text: string) => string): readonly string[] {
  const { title, people, end, clockMs, limitMs, objectives, commands, events, lookAt } = review
  const at = (ms: number | undefined): string => (ms === undefined ? 'never' : duration(ms))
  const times = [
    ['first command', at(review.firstCommandMs)],
    ['first command that helped', at(review.firstRightMs)],
    ['all objectives held that are judged at any time', at(review.recoveredMs)],
    [
      `end (${end ?? 'the journal ends before'})`,
      at(clockMs) + (limitMs === undefined ? '' : ` of ${duration(limitMs)}`),
    ],
  ]
  return [
    `### After-action review: ${plain(title)}`,
    '',
    `Team: ${plain(people.join(', '))}`,
    '',
    '| time on the clock | |',
    '|---|---|',
    ...times.map(([what = '', when = '']) => `| ${plain(what)} | ${when} |`),
    '',
    '| objective | required | met | at the end |',
    '|---|---|---|---|',
    ...objectives.map(
      ({ name, withinMs, metAtMs, last }) =>
        `| ${plain(name)} | ${withinMs === undefined ? '' : duration(withinMs)} | ${last === undefined ? '' : at(metAtMs)} | ${last ?? 'judged by the steps after the team'} |`,
    ),
    '',
    ...(events.length === 0 ? [] : ['| time | event |', '|---|---|']),
    ...events.map(({ clockMs: ms, text }) => `| ${duration(ms)} | ${plain(text)} |`),
    ...(events.length === 0 ? [] : ['']),
    ...(commands.length === 0
      ? []
      : ['| time | person | node | command | exit code | effect |', '|---|---|---|---|---|---|']),
    ...commands.slice(0, maxCommands).map((command) => commandRow(command, plain)),
    ...(commands.length > maxCommands ? [`| | | | ${commands.length - maxCommands} more in the journal | | |`] : []),
    ...(commands.length === 0 ? [] : ['']),
    ...lookAt.flatMap((text) => [`- [ ] ${plain(text)}`]),
    ...(lookAt.length === 0 ? [] : ['']),
    '| corrective action | who | until |',
    '|---|---|---|',
    '| | | |',
    '| | | |',
    '',
    'Facilitator: ______________________ Team: ______________________ Date: ______________',
    '',
  ]
}

function commandRow(
  { clockMs, person, node, command, exitCode, effect }: ReviewedCommand,
  plain: (text: string) => string,
): string {
  const cells = [duration(clockMs), plain(person), plain(node), plain(command.slice(0, 300)), `${exitCode ?? ''}`]
  return `| ${[...cells, effect ?? ''].join(' | ')} |`
}
