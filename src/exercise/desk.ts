import type { ExerciseScript } from './exercise-schema.ts'
import type { ObjectiveView } from './live-objectives.ts'
import type { Mailbox } from './mailbox.ts'

/** What participants can ask of a running exercise. */
export interface ExerciseDesk {
  readonly script: ExerciseScript
  readonly mailbox: Mailbox
  readonly isPaused: boolean
  /** The time on the clock, and the limit. */
  readonly clockLine: string
  verify(person: string): Promise<readonly ObjectiveView[]>
  hint(person: string): string | undefined
  reportCause(person: string, text: string): void
}

const maxReportChars = 2000

const help = `Commands:
  verify       which objectives hold now
  hint         the next hint; it may cost time
  report TEXT  what is wrong, as soon as you know it: the time counts
  mail [N]     the mailbox, or one mail
  mbox         all mail, as a file for a mail program
  briefing     the briefing, once more
  clock        the time on the clock
`

/** Answers a command of a participant to the exercise itself. */
export async function answerAtDesk(
  exercise: ExerciseDesk,
  person: string,
  [command = 'help', ...rest]: readonly string[],
): Promise<{ readonly text: string; readonly exitCode: number }> {
  if (command === 'report') return report(exercise, person, rest.join(' '))
  if (command === 'mail') return mail(exercise, person, rest)
  if (rest.length > 0) return { text: `${command} has no arguments.\n${help}`, exitCode: 2 }
  switch (command) {
    case 'verify':
      return await verify(exercise, person)
    case 'hint':
      return { text: `${exercise.hint(person) ?? 'There are no more hints.'}\n`, exitCode: 0 }
    case 'mbox':
      return { text: exercise.mailbox.mboxOf(person), exitCode: 0 }
    case 'briefing':
      return { text: `${exercise.script.briefing.trim()}\n`, exitCode: 0 }
    case 'clock':
      return { text: `${exercise.clockLine}${exercise.isPaused ? ', paused' : ''}\n`, exitCode: 0 }
    case 'help':
    case '':
      return { text: help, exitCode: 0 }
    default:
      return { text: `Unknown command: ${command}\n${help}`, exitCode: 2 }
  }
}

function report(exercise: ExerciseDesk, person: string, text: string) {
  if (text === '') return { text: 'Type what is wrong after "report".\n', exitCode: 2 }
  exercise.reportCause(person, text.slice(0, maxReportChars))
  return { text: `Noted at ${exercise.clockLine}.\n`, exitCode: 0 }
}

const marks = { holds: '✔', 'does not hold': '✘', unknown: '?' } as const

/** Lists which objectives hold. It never shows why one does not. */
async function verify(exercise: ExerciseDesk, person: string) {
  const views = new Map((await exercise.verify(person)).map((view) => [view.name, view]))
  const lines = exercise.script.objectives.map(({ name }) => {
    const state = views.get(name)?.state
    return state === undefined ? `–  judged at the end: ${name}` : `${marks[state]}  ${state}: ${name}`
  })
  const isMet = [...views.values()].every(({ state }) => state === 'holds')
  return { text: `${[...lines, `${exercise.clockLine} on the clock`].join('\n')}\n`, exitCode: isMet ? 0 : 1 }
}

/** Lists the mailbox, or prints a mail by its number. */
function mail({ mailbox }: ExerciseDesk, person: string, [number, ...more]: readonly string[]) {
  if (number === undefined) return { text: mailbox.listOf(person), exitCode: 0 }
  const text = more.length === 0 && /^\d{1,6}$/.test(number) ? mailbox.read(person, Number(number)) : undefined
  if (text === undefined) return { text: `There is no mail ${[number, ...more].join(' ')}.\n`, exitCode: 2 }
  return { text, exitCode: 0 }
}
