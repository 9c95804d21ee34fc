import type { ExerciseEnd, ExerciseRecord } from '../journal/journal.ts'
import { duration } from '../text/duration.ts'
import { printable } from '../text/printable.ts'
import { clockText } from './exercise-clock.ts'

const ends: Readonly<Record<ExerciseEnd, string>> = {
  done: 'the facilitator ended the exercise',
  'objectives met': 'all objectives hold',
  time: 'the time is up',
  'called off': 'the exercise was called off',
}

/** Describes events on one line each, for the facilitator. */
export class ExerciseLog {
  readonly #shown = new Map<string, string>()

  /** Undefined for events that are only recorded, and for a look that found nothing new. */
  line(record: ExerciseRecord): string | undefined {
    const what = describe(record)
    if (what === undefined) return undefined
    if (record.event === 'objective') {
      const { subject = '' } = record
      if (this.#shown.get(subject) === what) return undefined
      this.#shown.set(subject, what)
    }
    return `${clockText(record.clockMs)}  ${printable(what.replaceAll('\n', ' ⏎ '))}`
  }
}

function describe(record: ExerciseRecord): string | undefined {
  const { event, person = '', node = '', subject = '', text = '', exitCode, state, priceMs, end } = record
  const because = text === '' ? '' : `: ${text}`
  switch (event) {
    case 'began':
      return 'the clock runs'
    case 'ended':
      return `${ends[end ?? 'called off']}${because}`
    case 'paused':
      return 'paused'
    case 'resumed':
      return 'the clock runs again'
    case 'inject':
      return `inject "${subject}"${because}`
    case 'message':
      return `message${because}`
    case 'hint':
      return `hint ${subject}${person === '' ? '' : ` for ${person}`}${priceMs ? ` (+${duration(priceMs)})` : ''}${because}`
    case 'objective':
      return `${state === 'holds' ? '✔' : state === 'unknown' ? '?' : '✘'} ${subject}${because}`
    case 'verified':
      return `${person} verified`
    case 'reported':
      return `${person} reports what is wrong${because}`
    case 'session began':
      return `${person} entered ${node}`
    case 'session ended':
      return `${person} left ${node}`
    case 'command':
      return `${person}@${node}: ${text.slice(0, 300)}${exitCode ? ` (exit code ${exitCode})` : ''}`
    case 'node restarted':
      return `${node} has started again${because}`
    case 'recording lost':
      return `the recording ${subject} is incomplete${because}`
    case 'problem':
      return text
  }
}
