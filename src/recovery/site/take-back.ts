import { MachineError } from '../../errors.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { type FateOfAction, undoEach } from '../action/undo.ts'
import { type RebaseOutcome, rebase } from '../strategy/rebase.ts'
import { inverseRenames, type Rename } from '../strategy/renames.ts'
import { hostIdentity } from './host-identity.ts'
import { lockNodes, lookAtLocks } from './lock.ts'
import { type Records, type Remains, type Standing, standingAt } from './record.ts'
import { type NodeResult, type RecoverOptions, resultOf } from './recover.ts'
import { type Crew, type Member, onMembers } from './team.ts'
import type { ToTakeBack } from './to-take-back.ts'

type Options = Omit<RecoverOptions, 'thoroughness'>

/** What came, or would come, of taking back on one node. */
interface TakenBack {
  readonly fates: readonly FateOfAction[]
  readonly images: RebasedBack
}

const nothing: TakenBack = { fates: [], images: { renames: [], done: 0, left: [] } }

/**
 * Takes back all that was done at the site and was not taken back yet, by whichever process, the last first. What stands
 * against one thing leaves the others: it stays, is said, and is on record as not taken back.
 * @throws MachineError where another recovery is under way on one of the nodes, or nothing can be recorded
 */
export async function takeBack(team: Crew, options: Options): Promise<readonly NodeResult[]> {
  const { members, strangers } = concerned(team, options.records)
  await using locks = await lockNodes(members)
  // Another process may have taken it back while this one came to it.
  const now = standingAt(options.records.read(team.site))
  using record = options.records.begin(team.site, 'undo', options.nowMs)
  const undone = await onMembers(
    members,
    async (member) => {
      const { where } = member
      const error = locks.errors.get(where)
      if (error !== undefined) throw error
      const { host, one, isElsewhere } = await standingOn(member, now)
      const taken = one === undefined ? nothing : await takeBackOn(member, one, team.targets, options, false)
      for (const { applied, state } of taken.fates)
        if (applied.inverse.kind !== 'nothing' && state !== 'stays')
          options.say(where, `${state === 'gone' ? 'was gone already' : 'taken back'}: ${applied.inverse.kind}`)
      const left = leftOf(taken)
      if (one !== undefined) record.append({ kind: 'undone', where, host, ...(left && { left }) })
      if (left === undefined && isElsewhere) throw doneElsewhere(where, options.records)
      return { ...taken, left }
    },
    options.signal,
  )
  const results = undone.map(({ where, value, error }): NodeResult => {
    if (value === undefined) return resultOf({ where, error }, undefined)
    const { fates, images, left } = value
    const done = fates.filter(({ state }) => state !== 'stays').length + images.done
    const stays = fates.find(({ state }) => state === 'stays')?.why
    const why = images.why ?? stays ?? images.note
    return { where, state: left === undefined ? 'taken back' : 'failed', done, ...(why !== undefined && { why }) }
  })
  return [...results, ...strangers.map((where): NodeResult => ({ where, state: 'unknown', done: 0, why: noSuchNode }))]
}

/**
 * What `takeBack` would come to as things are on the hosts now. Changes nothing.
 * @throws MachineError where another recovery is under way on one of the nodes
 */
export async function lookAtTakingBack(team: Crew, options: Options): Promise<readonly ToTakeBack[]> {
  const { members, strangers } = concerned(team, options.records)
  await lookAtLocks(members)
  const now = standingAt(options.records.read(team.site))
  const looked = await onMembers(
    members,
    async (member): Promise<ToTakeBack> => {
      const { where } = member
      const { one, isElsewhere } = await standingOn(member, now)
      const { fates, images } = one === undefined ? nothing : await takeBackOn(member, one, team.targets, options, true)
      const { why, note } = images
      return {
        where,
        steps: fates.flatMap(({ applied: { inverse: step }, ...fate }) =>
          step.kind === 'nothing' ? [] : [{ step, ...fate }],
        ),
        renames: images.renames,
        ...(why !== undefined && { imagesStay: why }),
        ...(note !== undefined && { note }),
        ...(isElsewhere && { unknown: doneElsewhere(where, options.records).message }),
      }
    },
    options.signal,
  )
  const unknown = (where: string, why: string): ToTakeBack => ({ where, steps: [], renames: [], unknown: why })
  return [
    ...looked.map(({ where, value, error }) => value ?? unknown(where, error?.message ?? '')),
    ...strangers.map((where) => unknown(where, noSuchNode)),
  ]
}

/** Where anything was done: the nodes that the site has, and what it has no more. */
function concerned({ site, members }: Crew, records: Records) {
  const standing = standingAt(records.read(site))
  const known = new Set(members.map(({ where }) => where))
  return {
    members: members.filter(({ where }) => standing.has(where)),
    strangers: [...standing.keys()].filter((where) => !known.has(where)),
  }
}

const noSuchNode = 'something was done there, and the site has no such node'

/** What was done on the very host that the node is, and whether more was on others of its name. */
async function standingOn({ where, shell }: Member, standing: ReadonlyMap<string, readonly Standing[]>) {
  const host = await hostIdentity(shell)
  const all = standing.get(where) ?? []
  const one = all.find((other) => other.host === host)
  return { host, ...(one && { one }), isElsewhere: all.some((other) => other !== one) }
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
  isOnlyLooked: boolean,
): Promise<TakenBack> {
  const images = await rebaseBack({ where, shell }, rebases, targets, options, isOnlyLooked)
  return { images, fates: await undoEach(shell, actions, isOnlyLooked) }
}

/** In the order in which it was done. */
function leftOf({ fates, images }: TakenBack): Remains | undefined {
  const kept = fates.filter(({ state }) => state === 'stays').map(({ applied }) => applied)
  if (kept.length === 0 && images.left.length === 0) return undefined
  return { actions: kept.toReversed(), rebases: images.left }
}

interface RebasedBack {
  /** Of the images that get their old names. */
  readonly renames: readonly Rename[]
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
  isOnlyLooked: boolean,
): Promise<RebasedBack> {
  if (rebases.length === 0) return nothing.images
  const all: Rename[] = []
  const outcomes: RebaseOutcome[] = []
  for (const { user, renames } of byUser(rebases)) {
    if (!isOnlyLooked) say(where, `rebase ${renames.length} images back`)
    const how = { isEach: true, isOnlyChecked: isOnlyLooked }
    const options = { user, concurrency, signal, ...how, ...(secrets && { secrets }) }
    all.push(...renames)
    outcomes.push(...(await rebase(shell, renames, options)))
  }
  const hasGone = outcomes.some(({ state }) => state === 'gone')
  const mounted = hasGone ? await mountedOf(shell, targets) : []
  // With not one of them there, or nothing mounted, it is rather the share that is gone.
  const isAnyThere = outcomes.some(({ state }) => state !== 'gone')
  const isOnShare = ({ path }: RebaseOutcome) => isAnyThere && mounted.some((target) => path.startsWith(`${target}/`))
  const isTakenBack = ({ state }: RebaseOutcome) => state === 'done' || (isOnlyLooked && state === 'ready')
  const isSettled = (one: RebaseOutcome) =>
    isTakenBack(one) || one.state === 'changed' || (one.state === 'gone' && isOnShare(one))
  const open = outcomes.filter((one) => !isSettled(one))
  const paths = new Set(open.map(({ path }) => path))
  const left = rebases
    .map((entry) => ({ ...entry, renames: entry.renames.filter(({ path }) => paths.has(path)) }))
    .filter(({ renames }) => renames.length > 0)
  const taken = new Set(outcomes.filter(isTakenBack).map(({ path }) => path))
  const why = summary(open, 'images could not be given their old names')
  const note = summary(
    outcomes.filter((one) => !isTakenBack(one) && isSettled(one)),
    'images are not what was written any more, and are left as they are',
  )
  const renames = all.filter(({ path }) => taken.has(path))
  return { renames, done: taken.size, left, ...(why !== undefined && { why }), ...(note !== undefined && { note }) }
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
