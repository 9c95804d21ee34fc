import { duration } from '../text/duration.ts'
import type { ReviewedCommand } from './exercise-commands.ts'
import type { ExerciseReview } from './exercise-review.ts'
import {
  deficienciesOf,
  hintTotal,
  lastText,
  leftWrongHeading,
  metText,
  reviewSigners,
  timeRows,
} from './exercise-review-text.ts'
import type { HiddenCheck } from './left-wrong.ts'

const maxCommands = 200
const maxLines = 200
const minRows = 3

/**
 * Returns the after-action review of an exercise as Markdown.
 * @param plain returns text that Markdown shows as it is, on one line
 */
export function exerciseSection(
  review: ExerciseReview,
  checks: readonly HiddenCheck[],
  plain: (text: string) => string,
): readonly string[] {
  const { title, team, people, objectives, hints, timeline, leftWrong, lookAt } = review
  const rows = (heading: readonly string[], cells: readonly (readonly string[])[]): readonly string[] =>
    cells.length === 0
      ? []
      : [row(heading), row(heading.map(() => '---')), ...cells.map((one) => row(one.map(plain))), '']
  const names = people.map((person) => person.title).join(', ')
  const actions = deficienciesOf(review).map((text) => [text, '', '', ''])
  const blank = Array.from({ length: Math.max(1, minRows - actions.length) }, () => ['', '', '', ''])
  return [
    `### After-action review: ${plain(title)}`,
    '',
    `Team: ${plain(team === undefined ? names : `${team}: ${names}`)}`,
    '',
    ...rows(
      ['time on the clock', 'measured', 'required'],
      timeRows(review).map(({ what, when, required }) => [what, when, required]),
    ),
    ...rows(
      ['objective', 'required', 'met', 'at the end'],
      objectives.map((one) => [
        one.name,
        one.withinMs === undefined ? '' : duration(one.withinMs),
        metText(one),
        lastText(one),
      ]),
    ),
    ...rows(
      ['hidden check', 'result'],
      checks.map(({ text, result }) => [text, result]),
    ),
    ...(leftWrong.length === 0 ? [] : [`#### ${leftWrongHeading(review)}`, '']),
    ...leftWrong.flatMap(({ verdict, question, places }) => [
      `- **${verdict}** ${plain(question)}`,
      ...places.map((place) => `  - ${plain(place)}`),
    ]),
    ...(leftWrong.length === 0 ? [] : ['']),
    ...(hints.length === 0 ? [] : [`#### Hints: ${hintTotal(review)}`, '']),
    ...rows(
      ['time', 'taken by', 'hint', 'price'],
      hints.map(({ clockMs, person = 'the facilitator', text, priceMs }) => [
        ...[duration(clockMs), person, text],
        priceMs === 0 ? '' : duration(priceMs),
      ]),
    ),
    '#### Timeline',
    '',
    ...rows(
      ['time', 'about', 'what'],
      timeline.slice(0, maxLines).map(({ clockMs, about, text }) => [duration(clockMs), about, text.slice(0, 300)]),
    ),
    ...more(timeline.length - maxLines),
    ...people.flatMap(({ title: name, commands, helpedCount, harmedCount }) => [
      `#### Commands of ${plain(name)}: ${commands.length}, ${helpedCount} helped, ${harmedCount} had to be undone`,
      '',
      ...rows(['time', 'node', 'command', 'exit code', 'effect'], commands.slice(0, maxCommands).map(commandCells)),
      ...more(commands.length - maxCommands),
    ]),
    ...lookAt.flatMap((text) => [`- [ ] ${plain(text)}`]),
    ...(lookAt.length === 0 ? [] : ['']),
    '#### Corrective actions',
    '',
    ...rows(['deficiency', 'corrective action', 'owner', 'due date'], [...actions, ...blank]),
    ...rows(
      ['role', 'name', 'date', 'signature'],
      reviewSigners.map((role) => [role, '', '', '']),
    ),
  ]
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const more = (count: number): readonly string[] => (count > 0 ? [`${count} more in the journal`, ''] : [])

function commandCells({ clockMs, node, command, exitCode, effect }: ReviewedCommand): readonly string[] {
  return [duration(clockMs), node, command.slice(0, 300), `${exitCode ?? ''}`, effect ?? '']
}
