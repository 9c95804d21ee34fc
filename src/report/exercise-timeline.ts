import type { ExerciseRecord } from '../journal/journal.ts'
import { duration } from '../text/duration.ts'
import type { ExerciseEntry, ReviewedCommand } from './exercise-commands.ts'

/** One line of the timeline of an exercise. */
export interface TimelineLine {
  readonly clockMs: number
  readonly about: 'people' | 'events' | 'objectives'
  readonly text: string
}

/**
 * Returns what people did, what happened to them, and how the objectives changed, oldest first. It has
 * the commands that helped or harmed.
 */
export function exerciseTimeline(
  own: readonly ExerciseEntry[],
  commands: readonly ReviewedCommand[],
): readonly TimelineLine[] {
  const states = new Map<string, string>()
  const entered = new Set<string>()
  let nth = 0
  return own.flatMap((entry): readonly TimelineLine[] => {
    const { event, clockMs, person = '', node = '', subject = '', state = '' } = entry
    const { effect, command = '' } = event === 'command' ? (commands[nth++] ?? {}) : {}
    if (event === 'command')
      return effect === undefined
        ? []
        : [{ clockMs, about: 'people', text: `${person} on ${node}: ${command} (${effect})` }]
    if (event === 'objective') {
      const isNew = states.get(subject) !== state
      states.set(subject, state)
      return isNew ? [{ clockMs, about: 'objectives', text: `"${subject}": ${state}` }] : []
    }
    if (event === 'session began') {
      const isFirst = !entered.has(`${person} ${node}`)
      entered.add(`${person} ${node}`)
      return isFirst ? [{ clockMs, about: 'people', text: `${person} entered ${node} for the first time` }] : []
    }
    const text = textOf(entry)
    return text === undefined ? [] : [{ clockMs, about: byPeople.has(event) ? 'people' : 'events', text }]
  })
}

const byPeople: ReadonlySet<ExerciseRecord['event']> = new Set(['verified', 'reported', 'hint'])

function textOf({ event, person = 'the facilitator', node = '', subject = '', text = '', ...rest }: ExerciseEntry) {
  const because = text === '' ? '' : `: ${text}`
  const texts: Partial<Record<ExerciseRecord['event'], string>> = {
    verified: `${person} asked which objectives hold`,
    reported: `${person} reported what is wrong${because}`,
    hint: `${person} took hint ${subject}${priceText(rest.priceMs)}`,
    began: 'the clock began to run',
    ended: `the work of the team ended (${rest.end})${because}`,
    inject: `inject "${subject}" ${text}`,
    message: `message from ${text}`,
    'node restarted': `${node}${because}`,
    paused: 'the clock was paused',
    resumed: 'the clock ran again',
    'recording lost': `the recording ${subject} is incomplete${because}`,
    problem: text,
  }
  return texts[event]
}

const priceText = (priceMs = 0): string => (priceMs === 0 ? '' : ` (+${duration(priceMs)})`)
