import { type NodeState, resolves } from '../recovery/node-state.ts'
import { readNode } from '../recovery/state.ts'
import type { Need } from './needs.ts'
import { type Crew, onMembers } from './team.ts'

/** Whether an origin path leads to its data on a node, for the service too. */
export interface Resolution {
  readonly where: string
  readonly origin: string
  readonly state: 'resolves' | 'missing' | 'unknown'
  readonly why?: string
}

/** Looks at each origin path on every node. Changes nothing, and opens no image. */
export async function checkNodes(
  team: Crew,
  needs: readonly Need[],
  signal: AbortSignal,
): Promise<readonly Resolution[]> {
  const looked = await onMembers(
    team.members,
    ({ shell, service }) => readNode(shell, needs, { ...(service && { service }), signal }),
    signal,
  )
  return looked.flatMap(({ where, value, error }) =>
    value === undefined
      ? [{ where, origin: '', state: 'unknown' as const, why: error.message }]
      : resolutionsOf(where, value),
  )
}

function resolutionsOf(where: string, state: NodeState): readonly Resolution[] {
  return state.pairs.map((pair) => {
    const origin = pair.origin.path
    const found = resolves(state, pair)
    if (found === true) return { where, origin, state: 'resolves' }
    if (found === undefined) return { where, origin, state: 'unknown', why: state.serviceUnknown ?? '' }
    const isOnHost = pair.origin.mount !== undefined && pair.origin.mount.of === pair.local.mount?.of
    const why = isOnHost
      ? "the host sees it, and the product's service does not"
      : pair.local.mount === undefined
        ? `nothing is mounted at ${pair.local.path}`
        : pair.origin.mount === undefined
          ? `nothing is mounted there (${pair.origin.kind})`
          : `${pair.origin.mount.source} is mounted there, which is not what is at ${pair.local.path}`
    return { where, origin, state: 'missing', why }
  })
}
