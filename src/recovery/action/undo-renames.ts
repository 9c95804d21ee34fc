import type { Shell, User } from '../../shell/shell.ts'
import type { UndoContext, UndoOutcome } from './action-kind.ts'
import { inverseRenames, type ParentRename, type RenameOutcome, renameParentNames } from './parent-renames.ts'

/** The part of an action that undoing needs. */
interface Renaming {
  readonly user: User
  readonly targets: readonly string[]
  readonly renames: readonly ParentRename[]
}

type Context = UndoContext & { readonly concurrency: number }

/**
 * Gives images the parent names back that they had before all of the given actions, which are in the order in which they
 * are undone. Images that retention has removed or merged since are left as they are, and do not prevent the others.
 */
export async function undoRenames<Action extends Renaming>(
  shell: Shell,
  actions: readonly Action[],
  context: Context,
): Promise<readonly UndoOutcome<Action>[]> {
  const outcomes = await undoAll(shell, actions.toReversed(), context)
  const hasGone = outcomes.some(({ state }) => state === 'gone')
  const mounted = hasGone ? await mountedOf(shell, [...new Set(actions.flatMap(({ targets }) => targets))]) : []
  // If all images are missing, or nothing is mounted, it is rather the share that is gone.
  const doesAnyExist = outcomes.some(({ state }) => state !== 'gone')
  const isRemoved = ({ path, state }: RenameOutcome) =>
    state === 'gone' && doesAnyExist && mounted.some((target) => path.startsWith(`${target}/`))
  const isUndone = ({ state }: RenameOutcome) => state === 'done' || (context.isPreview && state === 'ready')
  const isLeftAlone = (one: RenameOutcome) => one.state === 'changed' || isRemoved(one)
  const isOld = ({ state }: RenameOutcome) => state === 'already done'
  const byPath = new Map(outcomes.map((one) => [one.path, one]))
  const counted = new Set<string>()
  return actions.map((action): UndoOutcome<Action> => {
    const mine = action.renames.flatMap(({ path }) => byPath.get(path) ?? [])
    const kept = mine.filter((one) => !isUndone(one) && !isOld(one) && !isLeftAlone(one))
    const why = summary(kept, 'images keep their new parent names')
    const note = summary(mine.filter(isLeftAlone), 'images were changed or removed since, and are left as they are')
    const keptPaths = new Set(kept.map(({ path }) => path))
    const undone = mine.filter(isUndone)
    const count = undone.filter(({ path }) => !counted.has(path)).length
    for (const { path } of undone) counted.add(path)
    return {
      state: kept.length > 0 ? 'kept' : undone.length > 0 ? 'undone' : 'already gone',
      count,
      ...(why !== undefined && { why }),
      ...(note !== undefined && { note }),
      ...(kept.length > 0 && {
        left: { ...action, renames: action.renames.filter(({ path }) => keptPaths.has(path)) },
      }),
    }
  })
}

/** @param actions in the order in which they were done */
async function undoAll(
  shell: Shell,
  actions: readonly Renaming[],
  { isPreview, concurrency, signal, secrets }: Context,
): Promise<readonly RenameOutcome[]> {
  const outcomes: RenameOutcome[] = []
  for (const { user, renames } of byUser(actions)) {
    const how = { isBestEffort: true, isDryRun: isPreview, user, concurrency }
    const options = { ...how, ...(signal && { signal }), ...(secrets && { secrets }) }
    for (const outcome of await renameParentNames(shell, renames, options)) outcomes.push(outcome)
  }
  return outcomes
}

/** An image that was renamed more than once goes back at once, as the user that renamed it last. */
function byUser(actions: readonly Renaming[]): readonly { user: User; renames: readonly ParentRename[] }[] {
  const users = new Map(actions.flatMap(({ user, renames }) => renames.map(({ path }) => [path, user] as const)))
  const inverses = inverseRenames(actions.flatMap(({ renames }) => renames))
  const groups = Map.groupBy(inverses, ({ path }) => JSON.stringify(users.get(path)))
  return [...groups].map(([user, renames]) => ({ user: JSON.parse(user) as User, renames }))
}

function summary(outcomes: readonly RenameOutcome[], what: string): string | undefined {
  const [first] = outcomes
  return first && `${outcomes.length} ${what}: ${first.path} (${first.state}): ${first.why}`
}

async function mountedOf(shell: Shell, targets: readonly string[]): Promise<readonly string[]> {
  const script = 'for path; do if mountpoint -q -- "$path"; then printf "%s\\n" "$path"; fi; done'
  return (await shell.run({ script, args: targets })).stdout.split('\n').filter((path) => path !== '')
}
