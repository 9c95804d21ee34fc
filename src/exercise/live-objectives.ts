import type { ClaimRecord, ObjectiveState } from '../journal/journal.ts'
import { MemoryJournal } from '../journal/journal-memory.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { imagesThroughOriginPath } from '../rehearsal/images-through-paths.ts'
import type { SideLooks } from '../rehearsal/side-looks.ts'
import {
  databaseNamesOwner,
  recordsNameOwner,
  scheduleIs,
  workloadStates,
} from '../verdict/observation/workload-state.ts'
import { about } from '../verdict/question.ts'
import type { ObjectiveScript } from './exercise-schema.ts'
import { namesOfNode } from './participants.ts'

/** An objective as it is now. */
export interface ObjectiveView {
  readonly name: string
  readonly state: ObjectiveState
  /** What was found, for the facilitator. Participants see the state only. */
  readonly detail: string
  /** The number of places where it holds: of nodes, or of claims. */
  readonly holding: number
  readonly claims: readonly ClaimRecord[]
}

/** The site of an exercise, as looks see it. */
export interface ObservedSite {
  readonly nodes: readonly Machine[]
  readonly appliance: Machine
  readonly looks: SideLooks
}

interface Claim extends ClaimRecord {
  readonly detail: string
}

/**
 * Looks at the site, and judges the objectives that can be judged at any time, by the questions of drills. It changes
 * nothing on the nodes. If a node does not answer, the state is unknown.
 */
export async function judgeNow(
  objectives: readonly ObjectiveScript[],
  site: ObservedSite,
): Promise<readonly ObjectiveView[]> {
  // Two objectives may look at the same thing.
  const images = new Map<Machine, Promise<Claim>>()
  const workloads = new Map<string, ReturnType<SideLooks['workload']>>()
  const lookAtImages = (node: Machine): Promise<Claim> => once(images, node, () => imagesOn(site.looks, node))
  const lookAtWorkload = (name: string) => once(workloads, name, () => site.looks.workload(name))
  const views: ObjectiveView[] = []
  for (const { name, check } of objectives) {
    if (check === undefined) continue
    const claims =
      check.imagesReadOn === undefined
        ? await aboutWorkload(check, site, lookAtWorkload).catch(unanswered)
        : await Promise.all(nodesOfCheck(check.imagesReadOn, site.nodes).map(lookAtImages))
    views.push({
      name,
      state: stateOf(claims),
      detail: claims.map(({ detail }) => detail).join('; '),
      holding: claims.filter(({ state }) => state === 'holds').length,
      claims: claims.map(({ about, state }) => ({ about, state })),
    })
  }
  return views
}

/** The nodes of a check. */
export function nodesOfCheck(choice: 'every node' | readonly string[], nodes: readonly Machine[]): readonly Machine[] {
  return choice === 'every node'
    ? nodes
    : nodes.filter((node) => choice.some((name) => namesOfNode(node).includes(name)))
}

function once<Key, Value>(known: Map<Key, Promise<Value>>, key: Key, look: () => Promise<Value>): Promise<Value> {
  const found = known.get(key) ?? look()
  known.set(key, found)
  return found
}

async function imagesOn(looks: SideLooks, node: Machine): Promise<Claim> {
  try {
    const journal = new MemoryJournal()
    const sight = await looks.images(node)
    imagesThroughOriginPath.record(journal, node.where, sight)
    const { verdict } = about(imagesThroughOriginPath.is, { where: node.where, facts: 'resolves' })(journal.entries())
    return { about: node.where, state: states[verdict], detail: `${node.where}: ${sight}` }
  } catch (error) {
    return { about: node.where, state: 'unknown', detail: `${node.where}: ${firstLine(error)}` }
  }
}

async function aboutWorkload(
  { ownerOf, scheduleOf }: NonNullable<ObjectiveScript['check']>,
  { appliance, looks }: ObservedSite,
  look: (name: string) => ReturnType<SideLooks['workload']>,
): Promise<readonly Claim[]> {
  const workload = ownerOf?.workload ?? scheduleOf ?? ''
  const journal = new MemoryJournal()
  workloadStates.record(journal, appliance.where, await look(workload))
  const entries = journal.entries()
  const findings =
    ownerOf === undefined
      ? [about(scheduleIs, { workload, schedule: 'enabled' })(entries)]
      : [recordsNameOwner, databaseNamesOwner].map((question) =>
          about(question, { ...ownerOf, ...looks.ownerIds(ownerOf) })(entries),
        )
  return findings.map(({ question, verdict, sentence }) => ({
    ...{ about: question, state: states[verdict], detail: sentence },
  }))
}

const states = { pass: 'holds', fail: 'does not hold', unknown: 'unknown' } as const

/** Holds only if every claim does. */
function stateOf(claims: readonly Claim[]): ObjectiveState {
  if (claims.some(({ state }) => state === 'does not hold')) return 'does not hold'
  return claims.length > 0 && claims.every(({ state }) => state === 'holds') ? 'holds' : 'unknown'
}

const unanswered = (error: unknown): readonly Claim[] => [
  { about: 'the records of the workload', state: 'unknown', detail: firstLine(error) },
]

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}
