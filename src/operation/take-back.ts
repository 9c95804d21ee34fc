import { MachineError } from '../errors.ts'
import { undoEach } from '../recovery/apply.ts'
import { type RebaseOutcome, rebase } from '../recovery/rebase.ts'
import { inverseRenames, type Rename } from '../recovery/renames.ts'
import type { Shell, User } from '../shell/shell.ts'
import { hostIdentity } from './host-identity.ts'
import { lockNodes } from './lock.ts'
import { type Records, type Remains, standingAt } from './record.ts'
import { type NodeResult, type RecoverOptions, resultOf } from './recover.ts'
import { type Crew, type Member, onMembers } from './team.ts'

type Options = Omit<RecoverOptions, 'thoroughness'>

/** What came of taking back on one node. */
interface TakenBack {
  readonly done: number
  /** What stays, and why the first of it does. */
  readonly left?: Remains
  readonly why?: string
}

/**
 * Takes back all that was done at the site and was not taken back yet, by whichever process, the last first. What stands
 * against one thing leaves the others: it stays, is said, and is on record as not taken back.
 * @throws MachineError where another recovery is under way on one of the nodes, or nothing can be recorded
 */
export async function takeBack(team: Crew, options: Options): Promise<readonly NodeResult[]> {
  const standing = standingAt(options.records.read(team.site))
  const known = new Set(team.members.map(({ where }) => where))
  const strangers = [...standing.keys()].filter((where) => !known.has(where))
  const members = team.members.filter(({ where }) => standing.has(where))
  await using locks = await lockNodes(members)
  // Another process may have taken it back while this one came to it.
  const now = standingAt(options.records.read(team.site))
  using record = options.records.begin(team.site, 'undo', options.nowMs)
  const undone = await onMembers(
    members,
    async (member): Promise<TakenBack> => {
      const { where } = member
      const error = locks.errors.get(where)
      if (error !== undefined) throw error
      const host = await hostIdentity(member.shell)
      const all = now.get(where) ?? []
      const one = all.find((standing) => standing.host === host)
      const taken = one === undefined ? { done: 0 } : await takeBackOn(member, one, team.targets, options)
      if (one !== undefined) record.append({ kind: 'undone', where, host, ...(taken.left && { left: taken.left }) })
      if (taken.left === undefined && all.some((other) => other !== one)) throw doneElsewhere(where, options.records)
      return taken
    },
    options.signal,
  )
  const results = undone.map(({ where, value, error }): NodeResult => {
    if (value === undefined) return resultOf({ where, error }, undefined)
    const { done, left, why } = value
    return { where, state: left === undefined ? 'taken back' : 'failed', done, ...(why !== undefined && { why }) }
  })
  const why = 'something was done there, and the site has no such node'
  return [...results, ...strangers.map((where): NodeResult => ({ where, state: 'unknown', done: 0, why }))]
}

/** In a lab, or before the host was installed anew: what is there under the same names is not ours. */
function doneElsewhere(where: string, { folder }: Records): MachineError {
  return new MachineError(
    'another-host',
    `${where}: something was done on another host of this name, and is left alone`,
    {
      remedy: `If that is no more, remove what ${folder} has of it.`,
    },
  )
}

async function takeBackOn(
  { where, shell }: Member,
  { actions, rebases }: Remains,
  targets: readonly string[],
  options: Options,
): Promise<TakenBack> {
  const images = await rebaseBack({ where, shell }, rebases, targets, options)
  const stays = await undoEach(shell, actions)
  const kept = new Set(stays.map(({ applied }) => applied))
  for (const applied of actions.toReversed())
    if (applied.inverse.kind !== 'nothing' && !kept.has(applied))
      options.say(where, `taken back: ${applied.inverse.kind}`)
  const done = actions.length - kept.size + images.done
  const why = images.why ?? stays[0]?.error.message ?? images.note
  const isAll = images.left.length === 0 && kept.size === 0
  const left = { actions: actions.filter((applied) => kept.has(applied)), rebases: images.left }
  return { done, ...(!isAll && { left }), ...(why !== undefined && { why }) }
}

interface RebasedBack {
  readonly done: number
  readonly left: Remains['rebases']
  /** Why some are left. */
  readonly why?: string
  /** What a person should know where none is. */
  readonly note?: string
}

/** Images that retention has removed or merged since have nothing of ours; they do not keep the others from theirs. */
async function rebaseBack(
  { where, shell }: Member,
  rebases: Remains['rebases'],
  targets: readonly string[],
  { signal, say, concurrency, secrets }: Options,
): Promise<RebasedBack> {
  if (rebases.length === 0) return { done: 0, left: [] }
  const outcomes: RebaseOutcome[] = []
  for (const { user, renames } of byUser(rebases)) {
    say(where, `rebase ${renames.length} images back`)
    const options = { user, concurrency, signal, isEach: true, ...(secrets && { secrets }) }
    outcomes.push(...(await rebase(shell, renames, options)))
  }
  const hasGone = outcomes.some(({ state }) => state === 'gone')
  const mounted = hasGone ? await mountedOf(shell, targets) : []
  // With not one of them there, or nothing mounted, it is rather the share that is gone.
  const isAnyThere = outcomes.some(({ state }) => state !== 'gone')
  const isOnShare = ({ path }: RebaseOutcome) => isAnyThere && mounted.some((target) => path.startsWith(`${target}/`))
  const isSettled = (one: RebaseOutcome) =>
    one.state === 'done' || one.state === 'changed' || (one.state === 'gone' && isOnShare(one))
  const open = outcomes.filter((one) => !isSettled(one))
  const paths = new Set(open.map(({ path }) => path))
  const left = rebases
    .map((entry) => ({ ...entry, renames: entry.renames.filter(({ path }) => paths.has(path)) }))
    .filter(({ renames }) => renames.length > 0)
  const done = outcomes.filter(({ state }) => state === 'done').length
  const why = summary(open, 'images could not be given their old names')
  const note = summary(
    outcomes.filter((one) => one.state !== 'done' && isSettled(one)),
    'images are not what was written any more, and are left as they are',
  )
  return { done, left, ...(why !== undefined && { why }), ...(note !== undefined && { note }) }
}

function summary(outcomes: readonly RebaseOutcome[], what: string): string | undefined {
  const [first] = outcomes
  return first && `${outcomes.length} ${what}: ${first.path} is ${first.state}: ${first.why}`
}

/** What was rebased more than once goes back at once, as the user that did it last. */
function byUser(rebases: Remains['rebases']): readonly { readonly user: User; readonly renames: readonly Rename[] }[] {
  const users = new Map(rebases.flatMap(({ user, renames }) => renames.map(({ path }) => [path, user] as const)))
  const inverses = inverseRenames(rebases.flatMap(({ renames }) => renames))
  const groups = Map.groupBy(inverses, ({ path }) => JSON.stringify(users.get(path)))
  return [...groups].map(([user, renames]) => ({ user: JSON.parse(user) as User, renames }))
}

async function mountedOf(shell: Shell, targets: readonly string[]): Promise<readonly string[]> {
  const script = 'for path; do if mountpoint -q -- "$path"; then printf "%s\\n" "$path"; fi; done'
  return (await shell.run({ script, args: targets })).stdout.split('\n').filter((path) => path !== '')
}
