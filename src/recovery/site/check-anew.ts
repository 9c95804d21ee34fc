import { checkNodes, type NeedsToCheck, type Resolution } from './check-nodes.ts'
import { readExpected } from './expected-images.ts'
import type { SiteHosts, SiteNode } from './site-hosts.ts'
import { type SurveyOptions, surveyImages } from './survey.ts'

/** Lists the images of a site, and reads some of them. @throws MachineError if no node can list them */
export async function surveyNeeds(hosts: SiteHosts, options: SurveyOptions): Promise<NeedsToCheck> {
  const survey = await surveyImages(hosts, options)
  const { lister, images, user, unread } = survey
  const now = await readExpected(lister, { targets: hosts.targets, images, user, signal: options.signal })
  return { ...survey, expected: now.expected, unread: [...unread, ...now.unread] }
}

/**
 * Checks a site without a saved plan: the images of the first node that can list them are expected on all nodes. If most nodes
 * have another target, that one node is the odd one, and the images of another node are expected.
 * @throws MachineError if no node can list images
 */
export async function checkAnew(hosts: SiteHosts, options: SurveyOptions): Promise<readonly Resolution[]> {
  const first = await checkNodes(hosts, await surveyNeeds(hosts, options), options.signal)
  const strange = strangersIn(first)
  if (strange.size * 2 <= hosts.nodes.length) return first
  const rank = ({ where }: SiteNode) => (strange.has(where) ? 0 : 1)
  const nodes = hosts.nodes.toSorted((one, other) => rank(one) - rank(other))
  const again = await checkNodes(hosts, await surveyNeeds({ ...hosts, nodes }, options), options.signal)
  return strangersIn(again).size < strange.size ? again : first
}

/** The nodes with another target. */
function strangersIn(resolutions: readonly Resolution[]): ReadonlySet<string> {
  return new Set(resolutions.flatMap(({ where, reason }) => (reason === 'another target' ? [where] : [])))
}
