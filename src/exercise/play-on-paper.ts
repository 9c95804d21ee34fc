import { longDuration } from '../text/duration.ts'
import { printable, printableLines } from '../text/printable.ts'
import type { ExerciseFiles } from './exercise-file.ts'
import { type ExerciseScript, type InjectScript, msOf } from './exercise-schema.ts'

/** Returns the lines of an exercise that is played on paper: for the facilitator, with everything that will happen. */
export function playOnPaper({ name, script, steps }: ExerciseFiles): readonly string[] {
  const team = steps.findIndex((step) => step.includes('the team recovers the site'))
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
  return [
    `${printable(script.title)} (${name}, ${script.level})`,
    ...section('Briefing', printableLines(script.briefing.trim()).split('\n')),
    ...section('Before the team starts', steps.slice(0, team).map(printable)),
    ...section('Roles', script.roles.map(roleLine)),
    ...section('Objectives', script.objectives.map(objectiveLine)),
    ...section('Timeline', [...timed(script.injects), printable(steps[team] ?? '')]),
    ...section('When something is observed', script.injects.flatMap(observedLine)),
    ...section(
      'Only by the facilitator',
      script.injects.filter(({ at, when }) => at === undefined && when === undefined).map(injectText),
    ),
    ...section(
      'Hints, in this order',
      script.hints.map(
        ({ text, price }) =>
          `${printable(text.trim().replaceAll('\n', ' '))}${price === undefined ? '' : ` (+${price})`}`,
      ),
    ),
    ...section('Judged after the team has finished', steps.slice(team + 1).map(printable)),
    ...section('The facilitator looks at', script.lookAt.map(printable)),
  ]
}

function roleLine({ name, nodes, briefing }: ExerciseScript['roles'][number]): string {
  const where = nodes === 'every node' ? nodes : nodes.join(', ')
  return printable(`${name} (${where})${briefing === undefined ? '' : `: ${briefing.trim().replaceAll('\n', ' ')}`}`)
}

function objectiveLine({ name, within, check }: ExerciseScript['objectives'][number]): string {
  const when = check === undefined ? 'judged at the end' : 'judged at any time'
  return printable(`${name} (${[...(within === undefined ? [] : [`within ${within}`]), when].join(', ')})`)
}

function timed(injects: readonly InjectScript[]): readonly string[] {
  return injects
    .flatMap((inject) => {
      const ms = msOf(inject.at)
      return ms === undefined ? [] : [{ ms, inject }]
    })
    .toSorted((one, other) => one.ms - other.ms)
    .map(({ ms, inject }) => `at ${longDuration(ms)}: ${injectText(inject)}`)
}

function observedLine(inject: InjectScript): readonly string[] {
  const { when } = inject
  if (when === undefined) return []
  const what = when.command === undefined ? `"${when.objective}" holds` : `a command matches /${when.command}/`
  return [printable(`when ${what}: `) + injectText(inject)]
}

/** Describes an inject for the facilitator, on one line. */
export function injectText({ name, message, powerCut, reboot }: InjectScript): string {
  const effects = [
    ...(message === undefined ? [] : [`message from ${message.from}: ${message.subject}`]),
    ...(powerCut === undefined ? [] : [`${powerCut} loses its power`]),
    ...(reboot === undefined ? [] : [`${reboot} is rebooted`]),
  ]
  return printable(`${name} (${effects.join('; ')})`)
}
