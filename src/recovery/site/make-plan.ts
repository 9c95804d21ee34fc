import { checkActions } from '../action/check-actions.ts'
import type { ImageOnTarget } from '../images/find-images.ts'
import type { Secrets } from '../images/secrets.ts'
import type { NodeState } from '../node/node-state.ts'
import { readNode } from '../node/read-node.ts'
import { strategies, strategyNamed } from '../strategy/index.ts'
import type { SiteFacts, Strategy, StrategyPlan } from '../strategy/strategy.ts'
import { type HostResult, onEachNode } from './each-node.ts'
import { byTarget, type ExpectedOnTarget, readExpected, withoutHeads } from './expected-images.ts'
import { recommend } from './recommendation.ts'
import type { PlannedNode, RecoveryPlan } from './recovery-plan.ts'
import { withBlockers } from './restore-blockers.ts'
import type { SiteHosts } from './site-hosts.ts'
import { type Survey, type SurveyOptions, surveyImages } from './survey.ts'

export interface PlanRequest extends SurveyOptions {
  /** The name of a strategy. */
  readonly strategy: string
  readonly persist: boolean
  /** Base directories below which origin paths may be made, beside those of the product and of the site. */
  readonly allowedBases?: readonly string[]
  /** Secrets that are available, by id. */
  readonly secrets?: Secrets
  /** The expected images of a saved plan. Default: images that are on the targets now. */
  readonly expected?: readonly ExpectedOnTarget[]
  readonly nowMs: number
}

/** A plan, and the images that it was made from. */
export interface PlanWithImages {
  readonly plan: RecoveryPlan
  readonly images: readonly ImageOnTarget[]
}

/**
 * Lists the images by the first node that can, reads every node, and plans what they need. Changes nothing.
 * @throws MachineError if no node can list the images, InputError if the strategy is unknown
 */
export async function makePlan(hosts: SiteHosts, request: PlanRequest): Promise<PlanWithImages> {
  const { persist, allowedBases, secrets, nowMs, signal } = request
  const strategy = strategyNamed(request.strategy)
  const survey = await surveyImages(hosts, request)
  const now = await expectedNow(hosts, survey, request)
  // A strategy that writes to images changes their first bytes.
  const expected = strategy.imagesAfter === undefined ? now.expected : withoutHeads(now.expected)
  const read = await readNodes(hosts, { ...survey, expected }, signal)
  const lost = new Map<string, Error>()
  const facts = factsOf(hosts, survey, read, async (where, actions) => {
    const node = hosts.nodes.find((one) => one.where === where)
    try {
      return node === undefined ? [] : await checkActions(node.shell, actions, { signal })
    } catch (error) {
      signal.throwIfAborted()
      lost.set(where, error as Error)
      return []
    }
  })
  const plans = new Map<Strategy, StrategyPlan>()
  const planOf = async (one: Strategy): Promise<StrategyPlan> => {
    const options = { persist, signal, ...(allowedBases && { allowedBases }), ...(secrets && { secrets }) }
    const plan = plans.get(one) ?? (await one.plan(facts, options))
    plans.set(one, plan)
    return plan
  }
  const { nodes, missingInput } = await planOf(strategy)
  const recommendation = survey.needs.length === 0 ? undefined : await recommend(strategies, planOf)
  const { images, formats, needs, broken, unclear, unread, foreign, listedBy, user } = survey
  return {
    images,
    plan: {
      madeAt: new Date(nowMs).toISOString(),
      site: hosts.site,
      targets: hosts.targets,
      strategy: strategy.name,
      persist,
      madeWith: hosts.madeWith ?? {},
      ...(user && { user }),
      images: images.length,
      formats,
      listedBy,
      needs,
      broken,
      unclear,
      unread: firstOf([...unread, ...now.unread]),
      expected,
      foreign,
      ...(recommendation && { recommendation }),
      ...(missingInput && { missingInput }),
      nodes: facts.nodes.flatMap((state): PlannedNode[] => {
        const plan = lost.has(state.where) ? undefined : nodes.find(({ where }) => where === state.where)
        return plan === undefined ? [] : [{ ...withBlockers(plan, state, formats), state }]
      }),
      unknown: read.flatMap(({ where, error = lost.get(where) }) =>
        error === undefined ? [] : [{ where, why: error.message }],
      ),
    },
  }
}

async function expectedNow(hosts: SiteHosts, { lister, images, user }: Survey, { expected, signal }: PlanRequest) {
  if (expected !== undefined) return { expected, unread: [] }
  return await readExpected(lister, { targets: hosts.targets, images, user, signal })
}

/** The paths and images to look for on nodes. */
export interface ReadNodesOptions extends Pick<Survey, 'needs' | 'user'> {
  readonly expected: readonly ExpectedOnTarget[]
}

/** Reads all nodes. One that cannot be read does not keep the others from it. */
export function readNodes(
  { nodes, targets }: SiteHosts,
  { needs, user, expected }: ReadNodesOptions,
  signal: AbortSignal,
): Promise<readonly HostResult<NodeState>[]> {
  const options = { targets, expected: byTarget(expected), ...(user && { user }), signal }
  return onEachNode(
    nodes,
    ({ shell, service }) => readNode(shell, needs, { ...options, ...(service && { service }) }),
    signal,
  )
}

function factsOf(
  { targets, mountedBy, mountsOnDemand }: SiteHosts,
  { images, hidden, formats, needs, lister, user }: Survey,
  read: readonly HostResult<NodeState>[],
  check: SiteFacts['check'],
): SiteFacts {
  return {
    targets,
    images,
    hidden,
    formats,
    needs,
    lister,
    check,
    nodes: read.flatMap(({ value }) => value ?? []),
    ...(user && { user }),
    ...(mountedBy && { mountedBy }),
    ...(mountsOnDemand !== undefined && { mountsOnDemand }),
  }
}

function firstOf(all: readonly string[]): readonly string[] {
  return all.length > 10 ? [...all.slice(0, 10), `and ${all.length - 10} more`] : all
}
