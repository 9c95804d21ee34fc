import { printable } from '../text/printable.ts'
import type { Doing } from './exercise-diary.ts'
import type { ExerciseRun } from './exercise-run.ts'
import type { InjectScript } from './exercise-schema.ts'
import { injectText } from './play-on-paper.ts'

/** The answer to a command of the facilitator. */
export interface FacilitatorAnswer {
  readonly text?: string
  /** True if the command had no effect. */
  readonly isRefused?: true
}

const refused = (text: string): FacilitatorAnswer => ({ text, isRefused: true })

type Obey = (exercise: ExerciseRun, argument: string | undefined) => FacilitatorAnswer | Promise<FacilitatorAnswer>

/** What the facilitator can do, in the terminal and on the page. */
const commands: Readonly<Record<string, Obey>> = {
  done(exercise) {
    exercise.done()
    return {}
  },
  async verify(exercise) {
    const views = await exercise.verify()
    return { text: views.map(({ name, state, detail }) => printable(`${state}: ${name} (${detail})`)).join('\n') }
  },
  hint(exercise) {
    const hint = exercise.hint()
    return hint === undefined ? refused('There are no more hints.') : {}
  },
  injects(exercise) {
    const lines = exercise.injects.all.map(
      ({ script, state }, index) => `${index + 1}. ${state}: ${injectText(script)}`,
    )
    return { text: lines.join('\n') || 'The exercise has no injects.' }
  },
  fire: (exercise, argument) => (exercise.fire(argument) ? {} : refused('No such inject is waiting.')),
  skip: (exercise, argument) => (exercise.skip(argument) ? {} : refused('No such inject is waiting.')),
  message(exercise, argument) {
    if (argument === undefined) return refused('Type the text after "message".')
    exercise.say('Facilitator', 'Message', argument)
    return {}
  },
  async cut(exercise, argument) {
    if (argument === undefined) return refused('Type the name of a node after "cut".')
    await exercise.cutPower(argument)
    return {}
  },
  pause(exercise) {
    exercise.pause()
    return {}
  },
  resume(exercise) {
    exercise.resume()
    return {}
  },
  off(exercise, argument) {
    exercise.callOff(argument)
    return {}
  },
}

/** The names of all commands. */
export const facilitatorCommands: readonly string[] = Object.keys(commands)

/** Obeys a command. Returns undefined for an unknown one. @throws InputError for a wrong argument, such as an unknown node */
export async function obeyFacilitator(
  exercise: ExerciseRun,
  command: string,
  argument: string | undefined,
): Promise<FacilitatorAnswer | undefined> {
  const obey = Object.hasOwn(commands, command) ? commands[command] : undefined
  if (obey === undefined) return undefined
  if (!exercise.isRunning) return refused('The team does not work at the moment.')
  return await obey(exercise, argument)
}

/** Returns what the page of the facilitator shows. */
export function liveState(exercise: ExerciseRun) {
  const { script, clock, limitMs, isPaused, isRunning, diary } = exercise
  const views = new Map(exercise.views.map((view) => [view.name, view]))
  const nextHint = script.hints[exercise.hints.taken]
  return {
    title: script.title,
    clockMs: clock.ms,
    limitMs,
    isPaused,
    isRunning,
    objectives: script.objectives.map(({ name, within }) => ({
      ...{ name, within, metAtMs: diary.metAtMs(name) },
      ...{ state: views.get(name)?.state, detail: views.get(name)?.detail },
    })),
    people: exercise.team.map(({ name, role }) => ({ name, role, doing: diary.doing(name).map(safe) })),
    injects: exercise.injects.all.map(({ script: one, state }) => ({
      text: injectText(one),
      when: whenText(one),
      state,
    })),
    hints: { taken: exercise.hints.taken, count: script.hints.length, price: nextHint?.price },
    lookAt: script.lookAt,
    timeline: diary.lines,
  }
}

/** What participants type may change the direction of text. */
const safe = ({ node, command }: Doing): Doing => ({ node, command: printable(command) })

function whenText({ at, when }: InjectScript): string {
  if (at !== undefined) return `at ${at}`
  if (when?.command !== undefined) return `when a command matches ${when.command}`
  return when?.objective === undefined ? 'only by the facilitator' : `when "${when.objective}" holds`
}
