import type { ExerciseEnd, ExerciseRecord, JournalEntry, ObjectiveState } from '../journal/journal.ts'

/** An objective of an exercise, for the review after it. */
export interface ReviewedObjective {
  readonly name: string
  readonly withinMs?: number
  /** The first time that it held, on the clock. Undefined if it never did, or was judged at the end only. */
  readonly metAtMs?: number
  /** Undefined for an objective that only later steps of the scenario judged. */
  readonly last?: ObjectiveState
}

export interface ReviewedCommand {
  readonly clockMs: number
  readonly person: string
  readonly node: string
  readonly command: string
  readonly exitCode: number | null
  /** Defined if the next look at the site found a difference. Other commands may have caused it too. */
  readonly effect?: 'helped' | 'harmed'
}

/** The content of an after-action review of an exercise. */
export interface ExerciseReview {
  readonly title: string
  readonly people: readonly string[]
  readonly limitMs?: number
  /** Undefined if the journal ends before the exercise did. */
  readonly end?: ExerciseEnd
  readonly clockMs: number
  /** When the first command was run, the first one that helped, and when all objectives held that are judged at any time. */
  readonly firstCommandMs?: number
  readonly firstRightMs?: number
  readonly recoveredMs?: number
  readonly objectives: readonly ReviewedObjective[]
  readonly commands: readonly ReviewedCommand[]
  /** Hints, injects, restarts, pauses and losses of recordings, oldest first. */
  readonly events: readonly { readonly clockMs: number; readonly text: string }[]
  readonly lookAt: readonly string[]
}

type Entry = JournalEntry & { readonly kind: 'exercise' }

/** Derives the review from the entries of one drill. Undefined if no team worked in it. */
export function exerciseReview(entries: readonly JournalEntry[]): ExerciseReview | undefined {
  const own = entries.filter((entry): entry is Entry => entry.kind === 'exercise')
  const began = own.find(({ event }) => event === 'began')
  if (began === undefined) return undefined
  const ended = own.findLast(({ event }) => event === 'ended')
  const commands = reviewedCommands(own)
  const firstCommandMs = commands[0]?.clockMs
  const firstRightMs = commands.find(({ effect }) => effect === 'helped')?.clockMs
  const recoveredMs = recoveredAt(own, began)
  return {
    title: began.text ?? '',
    people: began.people ?? [],
    ...(began.limitMs !== undefined && { limitMs: began.limitMs }),
    ...(ended?.end !== undefined && { end: ended.end }),
    clockMs: own.at(-1)?.clockMs ?? 0,
    ...(firstCommandMs !== undefined && { firstCommandMs }),
    ...(firstRightMs !== undefined && { firstRightMs }),
    ...(recoveredMs !== undefined && { recoveredMs }),
    objectives: (began.objectives ?? []).map(({ name, withinMs }) => {
      const looks = own.filter(({ event, subject }) => event === 'objective' && subject === name)
      const metAtMs = looks.find(({ state }) => state === 'holds')?.clockMs
      const last = looks.at(-1)?.state
      return {
        name,
        ...(withinMs !== undefined && { withinMs }),
        ...(metAtMs !== undefined && { metAtMs }),
        ...(last !== undefined && { last }),
      }
    }),
    commands,
    events: own.flatMap((entry) => {
      const text = eventText(entry)
      return text === undefined ? [] : [{ clockMs: entry.clockMs, text }]
    }),
    lookAt: began.lookAt ?? [],
  }
}

/** Returns the commands. Those between two looks that differ helped or harmed. */
function reviewedCommands(own: readonly Entry[]): readonly ReviewedCommand[] {
  const holding = new Map<string, number>()
  const commands: { command: ReviewedCommand; effect?: 'helped' | 'harmed' }[] = []
  let sinceLook = 0
  let isAfterLook = false
  for (const { event, clockMs, person = '', node = '', text = '', exitCode = null, subject = '', ...rest } of own) {
    if (event === 'command') {
      if (isAfterLook) sinceLook = commands.length
      isAfterLook = false
      commands.push({ command: { clockMs, person, node, command: text, exitCode } })
    }
    if (event !== 'objective') continue
    isAfterLook = true
    const before = holding.get(subject)
    const now = rest.holding ?? 0
    holding.set(subject, now)
    if (before === undefined || before === now) continue
    for (const one of commands.slice(sinceLook)) one.effect = now > before ? 'helped' : 'harmed'
  }
  return commands.map(({ command, effect }) => ({ ...command, ...(effect !== undefined && { effect }) }))
}

function recoveredAt(own: readonly Entry[], { objectives = [] }: ExerciseRecord): number | undefined {
  const states = new Map<string, ObjectiveState | undefined>()
  const live = objectives.filter(({ isJudgedLive }) => isJudgedLive).map(({ name }) => name)
  for (const { event, subject = '', state, clockMs } of own) {
    if (event !== 'objective') continue
    states.set(subject, state)
    if (live.length > 0 && live.every((name) => states.get(name) === 'holds')) return clockMs
  }
  return undefined
}

function eventText({ event, person, node = '', subject = '', text = '' }: Entry): string | undefined {
  switch (event) {
    case 'hint':
      return `hint ${subject}${person === undefined ? '' : ` for ${person}`}: ${text}`
    case 'inject':
      return `inject "${subject}": ${text}`
    case 'node restarted':
      return `${node}: ${text}`
    case 'paused':
    case 'resumed':
      return event
    case 'recording lost':
      return `the recording ${subject} is incomplete: ${text}`
    case 'problem':
      return text
    default:
      return undefined
  }
}
