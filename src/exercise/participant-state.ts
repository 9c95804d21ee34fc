import { printable, printableLines } from '../text/printable.ts'
import { briefingParts } from './briefing.ts'
import type { ExerciseScript } from './exercise-schema.ts'
import type { Mailbox } from './mailbox.ts'
import type { Participant } from './participants.ts'

/** An exercise, as far as participants may see it. */
export interface VisibleExercise {
  readonly script: ExerciseScript
  readonly clock: { readonly ms: number }
  readonly limitMs: number | undefined
  readonly isPaused: boolean
  readonly isRunning: boolean
  readonly mailbox: Mailbox
}

/** Returns what the page of a participant shows: nothing that `verify` or a hint would have to be asked for. */
export function participantState(
  { script, clock, limitMs, isPaused, isRunning, mailbox }: VisibleExercise,
  person: Participant,
) {
  const { role, objectives, commands } = briefingParts(script, person)
  return {
    ...{ title: script.title, briefing: script.briefing.trim(), role, commands },
    objectives: objectives.map(({ name, within }) => ({ name, within })),
    ...{ clockMs: clock.ms, limitMs, isPaused, isRunning },
    mails: mailbox.mails.map(({ clockMs, from, subject, text }) => ({
      ...{ clockMs, from: printable(from), subject: printable(subject) },
      text: printableLines(text.trim()),
    })),
  }
}
