import { MachineError } from '../../errors.ts'
import { ShellError, type User } from '../../shell/shell.ts'
import type { NodeState } from '../node/node-state.ts'
import type { FormatCounts } from '../node/qemu-version.ts'
import { readNode } from '../node/state.ts'
import { lackedBy, type NodePlan, planNode, type Refusal } from '../strategy/planner.ts'
import type { Rename } from '../strategy/renames.ts'
import { type FoundImages, findImages, type ImageOnTarget } from './images.ts'
import { type Broken, type Need, needsOf } from './needs.ts'
import { checkRenames, planRenames } from './rebase-plan.ts'
import { type Recommendation, recommend } from './recommend.ts'
import type { Secrets } from './secrets.ts'
import { type Crew, onMembers } from './team.ts'

export type Strategy = 'bind-mount' | 'rebase'

export interface PlannedNode extends NodePlan {
  /** What it was planned for: `recover` looks whether it is still so. */
  readonly state: NodeState
}

/** What a site needs before its restores work. Everything in it is data, so that it can be kept and reviewed. */
export interface RecoveryPlan {
  readonly madeAt: string
  readonly site: string
  readonly targets: readonly string[]
  readonly strategy: Strategy
  readonly persist: boolean
  /** What its options said: it is carried out with the same. */
  readonly madeWith: NonNullable<Crew['madeWith']>
  /** The product's: as options or the inventory say, or as all images have it. */
  readonly user?: User
  readonly images: number
  /** How many of them have what not every qemu-img opens. */
  readonly formats: FormatCounts
  /** The node that listed them. */
  readonly listedBy: string
  readonly needs: readonly Need[]
  /** What no preparation makes restorable. */
  readonly broken: readonly Broken[]
  /** Why not all images were seen, the first of the reasons. */
  readonly unread: readonly string[]
  /** How many images belong to somebody else than the product's user. */
  readonly foreign: number
  /** Left out where nothing is needed. */
  readonly recommendation?: Recommendation
  readonly nodes: readonly PlannedNode[]
  /** Nodes that could not be looked at. */
  readonly unknown: readonly { readonly where: string; readonly why: string }[]
  /** For the strategy `rebase`: what one node does for all. */
  readonly rebase?: {
    readonly where: string
    readonly user: User
    readonly renames: readonly Rename[]
    readonly refused: readonly { readonly path: string; readonly why: string }[]
  }
}

export interface PlanRequest {
  readonly strategy: Strategy
  readonly persist: boolean
  /** Secrets that are at hand, by id. */
  readonly secrets?: Secrets
  readonly nowMs: number
  readonly signal: AbortSignal
  readonly onProgress?: (images: number) => void
}

/** A plan, and the images that it was made from. */
export interface Planned {
  readonly plan: RecoveryPlan
  readonly images: readonly ImageOnTarget[]
}

/**
 * Looks at the images by the first node that can, and at every node. Changes nothing.
 * @throws MachineError where no node can list the images
 */
export async function makePlan(team: Crew, request: PlanRequest): Promise<Planned> {
  const { strategy, persist, nowMs, signal } = request
  const { found, by } = await listImages(team, request)
  const { needs, broken } = needsOf(found.images, team.targets)
  const user = team.user ?? ownerOf(found.images)
  const looked = await onMembers(
    team.members,
    ({ shell, service }) => readNode(shell, needs, { targets: team.targets, ...(service && { service }), signal }),
    signal,
  )
  const mixed = mixedUp(needs)
  const { mountedBy, mountsOnDemand } = team
  const { formats } = found
  const options = {
    persist,
    formats,
    ...(mountedBy && { mountedBy }),
    ...(mountsOnDemand !== undefined && { mountsOnDemand }),
  }
  const bound = looked.flatMap(({ value }) => (value === undefined ? [] : [planNode(value, options)]))
  const refusals = [...bound.flatMap((node) => node.refusals), ...mixed]
  const isToBeRebased = strategy === 'rebase' || refusals.some(({ isLasting }) => isLasting === true)
  const named = isToBeRebased
    ? planRenames(found.images, needs, team.targets, request.secrets)
    : { renames: [], refused: [] }
  const executor = team.members.find(({ where }) => where === by)
  const seen = looked.find(({ where }) => where === by)?.value
  const renames =
    user !== undefined && executor !== undefined && seen !== undefined
      ? await checkRenames(executor, named, {
          user,
          qemuImg: seen.qemuImg,
          formats,
          signal,
          ...(request.secrets && { secrets: request.secrets }),
        })
      : named
  const recommendation = recommend(needs, refusals, renames.refused.length)
  const nodes = looked.flatMap(({ value }): PlannedNode[] => {
    if (value === undefined) return []
    if (strategy === 'rebase')
      return [{ where: value.where, actions: [], refusals: lackedBy(value, options), notes: [], state: value }]
    const planned = bound.find(({ where }) => where === value.where)
    if (planned === undefined) return []
    return [
      { ...planned, ...(mixed.length > 0 && { actions: [], refusals: [...planned.refusals, ...mixed] }), state: value },
    ]
  })
  return {
    images: found.images,
    plan: {
      madeAt: new Date(nowMs).toISOString(),
      site: team.site,
      targets: team.targets,
      strategy,
      persist,
      madeWith: team.madeWith ?? {},
      ...(user && { user }),
      images: found.images.length,
      formats,
      listedBy: by,
      needs,
      broken,
      unread: firstOf(found.unread),
      foreign: foreignTo(team.user, found.images),
      ...(recommendation && { recommendation }),
      nodes,
      unknown: looked.flatMap(({ where, error }) => (error === undefined ? [] : [{ where, why: error.message }])),
      ...(strategy === 'rebase' && user && { rebase: { where: by, user, ...renames } }),
    },
  }
}

async function listImages(
  team: Crew,
  { signal, onProgress }: PlanRequest,
): Promise<{ found: FoundImages; by: string }> {
  const errors: Error[] = []
  for (const { where, shell } of team.members) {
    try {
      const options = { ...(team.user && { user: team.user }), signal, ...(onProgress && { onProgress }) }
      const found = await findImages(shell, team.targets, options)
      if (found.images.length > 0) return { found, by: where }
      errors.push(
        new MachineError('no-images', `${where}: there are no images on ${team.targets.join(', ')}${why(found)}`),
      )
    } catch (error) {
      signal.throwIfAborted()
      errors.push(error as Error)
    }
  }
  const remedy = remedyOf(errors)
  throw new MachineError('no-images', errors.map(({ message }) => message).join('\n'), {
    ...(remedy !== undefined && { remedy }),
    cause: errors[0],
  })
}

/** Of a host that could not even be asked, what it says itself. */
function remedyOf(errors: readonly Error[]): string | undefined {
  const lost = errors.filter((error) => error instanceof ShellError)
  return lost.length === errors.length
    ? lost.find(({ remedy }) => remedy !== undefined)?.remedy
    : 'Is the share mounted there, and may the product’s user read it? (--user UID:GID, or `owner` in the inventory)'
}

const why = ({ unread: [first] }: FoundImages): string => (first === undefined ? '' : `: ${first}`)

function firstOf(all: readonly string[]): readonly string[] {
  return all.length > 10 ? [...all.slice(0, 10), `and ${all.length - 10} more`] : all
}

/** Whom images belong to, where all belong to one. */
function ownerOf(images: readonly ImageOnTarget[]): User | undefined {
  const [first] = images
  if (first === undefined || images.some(({ uid, gid }) => uid !== first.uid || gid !== first.gid)) return undefined
  return { uid: first.uid, gid: first.gid }
}

function foreignTo(user: User | undefined, images: readonly ImageOnTarget[]): number {
  return user === undefined ? 0 : images.filter(({ uid, gid }) => uid !== user.uid || gid !== user.gid).length
}

/** One path cannot show two targets. */
function mixedUp(needs: readonly Need[]): readonly Refusal[] {
  return needs.flatMap(({ origin, local }) => {
    const other = needs.find((need) => need.origin === origin && need.local !== local)
    if (other === undefined) return []
    const why = `${origin} would have to show both ${local} and ${other.local}`
    return [{ origin, why, remedy: 'Recover one target after the other, or use --strategy rebase.', isLasting: true }]
  })
}

/** Whether there is nothing to do, nothing that stands against it, and nothing that could not be looked at. */
export function isDone(plan: RecoveryPlan): boolean {
  if (isInDoubt(plan) || plan.broken.length > 0) return false
  if (plan.strategy === 'rebase' && plan.needs.length > 0) return false
  return plan.nodes.every(({ actions, refusals }) => actions.length === 0 && refusals.length === 0)
}

/** Why nothing would be changed where the plan is carried out; undefined where something would. */
export function whyUnchanged({ strategy, rebase, needs, nodes, unknown }: RecoveryPlan): string | undefined {
  const isRebase = strategy === 'rebase' && needs.length > 0
  const canRebase = isRebase && rebase !== undefined && rebase.refused.length === 0
  if (canRebase ? rebase.renames.length > 0 : nodes.some(({ actions }) => actions.length > 0)) return undefined
  const isRefused = (isRebase && !canRebase) || nodes.some(({ refusals }) => refusals.length > 0)
  const against = [
    ...(isRefused ? ['what is needed is refused'] : []),
    ...(unknown.length > 0 ? [`${unknown.length} node(s) could not be looked at`] : []),
  ]
  if (against.length > 0) return against.join(', and ')
  return needs.length === 0
    ? 'no image names a parent below another mount path than it is found at'
    : 'every origin path leads to its data already, on every node'
}

/** Whether more may be needed than the plan says: of a node, or of images, that could not be looked at. */
export const isInDoubt = ({ unknown, unread }: RecoveryPlan): boolean => unknown.length + unread.length > 0
