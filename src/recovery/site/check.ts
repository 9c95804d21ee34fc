import type { User } from '../../shell/shell.ts'
import { isThere, type NodeState, resolves } from '../node/node-state.ts'
import { readNode } from '../node/state.ts'
import { type Broken, type Need, sayBroken } from './needs.ts'
import { compareShares, type OddShare } from './shares.ts'
import { type Crew, onMembers } from './team.ts'

/** Whether a path leads to its data on a node, for the service too. */
export interface Resolution {
  readonly where: string
  /** An origin path, or where a target is mounted; empty where it is about all of them. */
  readonly path: string
  /** `wrong`: something is there, and it is not what the other nodes have there. */
  readonly state: 'resolves' | 'missing' | 'wrong' | 'unknown'
  readonly why?: string
}

/** What is known of the images that a site is checked for. */
export interface CheckedFor {
  readonly needs: readonly Need[]
  readonly broken: readonly Broken[]
  readonly unread: readonly string[]
  /** The product's, and who has what is meant. */
  readonly user?: User
  readonly listedBy?: string
}

/**
 * Looks at each target and each origin path on every node, and whether all have the same share there. Changes nothing, and
 * lists no images. A site whose images need no origin path may still have a node without the share, or with another one.
 */
export async function checkNodes(
  team: Crew,
  { needs, broken, unread, user, listedBy }: CheckedFor,
  signal: AbortSignal,
): Promise<readonly Resolution[]> {
  const looked = await onMembers(
    team.members,
    ({ shell, service }) => readNode(shell, needs, { targets: team.targets, ...(service && { service }), signal }),
    signal,
  )
  const odd = new Map<string, ReadonlyMap<string, OddShare>>()
  for (const target of team.targets) {
    const having = new Set(looked.flatMap(({ where, value }) => (value && has(value, target) ? [where] : [])))
    const how = { ...(user && { user }), ...(listedBy !== undefined && { reference: listedBy }), signal }
    odd.set(
      target,
      await compareShares(
        team.members.filter(({ where }) => having.has(where)),
        target,
        how,
      ),
    )
  }
  const resolutions = looked.flatMap(({ where, value, error }): Resolution[] =>
    value === undefined
      ? [{ where, path: '', state: 'unknown', why: error.message }]
      : [...targetsOf(where, value, odd), ...originsOf(where, value)],
  )
  const ofImages = (state: Resolution['state']) => (why: string) => ({ where: team.site, path: '', state, why })
  return [...resolutions, ...broken.map(sayBroken).map(ofImages('missing')), ...unread.map(ofImages('unknown'))]
}

function has(state: NodeState, target: string): boolean {
  return state.targets.some((one) => one.host.path === target && isThere(state, one) === true)
}

function targetsOf(
  where: string,
  state: NodeState,
  odd: ReadonlyMap<string, ReadonlyMap<string, OddShare>>,
): Resolution[] {
  return state.targets.map((target) => {
    const { path, mount } = target.host
    const found = isThere(state, target)
    if (found === true) return { where, path, ...(odd.get(path)?.get(where) ?? { state: 'resolves' }) }
    if (found === undefined) return { where, path, state: 'unknown', why: state.serviceUnknown ?? '' }
    return { where, path, state: 'missing', why: mount === undefined ? 'nothing is mounted there' : unseen }
  })
}

const unseen = "the host sees it, and the product's service does not"

function originsOf(where: string, state: NodeState): Resolution[] {
  return state.pairs.map((pair) => {
    const { path } = pair.origin
    const found = resolves(state, pair)
    if (found === true) return { where, path, state: 'resolves' }
    if (found === undefined) return { where, path, state: 'unknown', why: state.serviceUnknown ?? '' }
    const isOnHost = pair.origin.mount !== undefined && pair.origin.mount.of === pair.local.mount?.of
    const why = isOnHost
      ? unseen
      : pair.local.mount === undefined
        ? `nothing is mounted at ${pair.local.path}`
        : pair.origin.mount === undefined
          ? `nothing is mounted there (${pair.origin.kind})`
          : `${pair.origin.mount.source} is mounted there, which is not what is at ${pair.local.path}`
    return { where, path, state: 'missing', why }
  })
}
