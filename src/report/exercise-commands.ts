import type { JournalEntry, ObjectiveState } from '../journal/journal.ts'
import { isReading } from './reading-command.ts'

export type ExerciseEntry = JournalEntry & { readonly kind: 'exercise' }

export interface ReviewedCommand {
  readonly clockMs: number
  readonly person: string
  readonly node: string
  readonly command: string
  readonly exitCode: number | null
  /**
   * Defined if the next look at the site found more than the one before, or less: then it had to be undone. Other commands
   * may have caused it too.
   */
  readonly effect?: 'helped' | 'harmed'
}

/** The commands of one person. */
export interface PersonReview {
  /** As the exercise names the person, with the role. */
  readonly title: string
  readonly commands: readonly ReviewedCommand[]
  readonly helpedCount: number
  readonly harmedCount: number
  readonly hintCount: number
}

/**
 * Returns the commands of an exercise. Between two looks that differ on a node, the commands on that node helped or harmed;
 * without any, all commands did, but never one that only reads. A look that could not examine a node proves nothing, and a
 * node that was restarted may have lost by that what it had.
 */
export function reviewedCommands(own: readonly ExerciseEntry[]): readonly ReviewedCommand[] {
  const known = new Map<string, ObjectiveState>()
  const restarted = new Set<string>()
  const commands: { command: ReviewedCommand; effect?: 'helped' | 'harmed' }[] = []
  let sinceLook = 0
  let isAfterLook = false
  for (const entry of own) {
    const { event, clockMs, person = '', node = '', text = '', exitCode = null, subject = '' } = entry
    if (event === 'node restarted') restarted.add(node)
    if (event === 'command') {
      if (isAfterLook) {
        sinceLook = commands.length
        restarted.clear()
      }
      isAfterLook = false
      commands.push({ command: { clockMs, person, node, command: text, exitCode } })
    }
    if (event !== 'objective') continue
    isAfterLook = true
    for (const { about, state } of entry.claims ?? []) {
      const before = known.get(`${subject}\n${about}`)
      if (state === 'unknown') continue
      known.set(`${subject}\n${about}`, state)
      if (before === undefined || before === state) continue
      if (state !== 'holds' && restarted.has(about)) continue
      const since = commands.slice(sinceLook).filter(({ command }) => !isReading(command.command))
      const there = since.filter(({ command }) => command.node === about)
      for (const one of there.length > 0 ? there : since) one.effect = state === 'holds' ? 'helped' : 'harmed'
    }
  }
  return commands.map(({ command, effect }) => ({ ...command, ...(effect !== undefined && { effect }) }))
}

/** Returns what each person did, in the order of the team. */
export function byPerson(
  people: readonly string[],
  commands: readonly ReviewedCommand[],
  hints: readonly { readonly person?: string }[],
): readonly PersonReview[] {
  return people.map((title) => {
    const name = title.split(' ', 1)[0]
    const own = commands.filter(({ person }) => person === name)
    return {
      title,
      commands: own,
      helpedCount: own.filter(({ effect }) => effect === 'helped').length,
      harmedCount: own.filter(({ effect }) => effect === 'harmed').length,
      hintCount: hints.filter(({ person }) => person === name).length,
    }
  })
}

/** When all objectives held that are judged at any time: for the first time, and whether they did in the last look. */
export interface TeamRecovery {
  readonly atMs?: number
  readonly isLasting: boolean
}

export function recoveryOf(own: readonly ExerciseEntry[], live: readonly string[]): TeamRecovery {
  const states = new Map<string, ObjectiveState | undefined>()
  const isMet = (): boolean => live.length > 0 && live.every((name) => states.get(name) === 'holds')
  let atMs: number | undefined
  for (const { event, subject = '', state, clockMs } of own) {
    if (event !== 'objective') continue
    states.set(subject, state)
    if (isMet()) atMs ??= clockMs
  }
  return { isLasting: isMet(), ...(atMs !== undefined && { atMs }) }
}
