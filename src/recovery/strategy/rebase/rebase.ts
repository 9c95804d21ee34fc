import type { User } from '../../../shell/shell.ts'
import { counted } from '../../../text/plural.ts'
import type { ImageOnTarget } from '../../images/find-images.ts'
import type { NodePlan, PlanningOptions, Refusal, SiteFacts, Strategy } from '../strategy.ts'
import { checkRenames } from './check-renames.ts'
import { planRenames, type RefusedImage } from './plan-renames.ts'
import { remedies } from './remedies.ts'

const imagesPerSecond = 150

/** Writes parent names into the images that hold on this site. One node does it for all. */
export const rebase: Strategy = {
  name: 'rebase',
  summary: 'rewrite the parent names in the images',
  reason: 'it prepares no node, and lasts',
  plan: async (facts, options) => {
    const nothing = facts.nodes.map(({ where }): NodePlan => ({ where, actions: [], refusals: [], notes: [] }))
    if (facts.needs.length === 0) return { nodes: nothing }
    if (facts.user === undefined)
      return {
        nodes: nothing,
        missingInput: {
          message: 'images are owned by root, or by more than one user',
          remedy: 'Pass --user UID:GID, or set `owner` in the inventory.',
        },
      }
    return { nodes: await planFor(facts, facts.user, nothing, options) }
  },
  imagesAfter,
  tradeOffs: ({ images }) => {
    const minutes = Math.ceil(images / imagesPerSecond / 60)
    return `writes to ${counted(images, 'image')} in about ${minutes} min, permanently and for all nodes. Needs a writable share. If the replication is ever reversed, the primary site gets the new names and cannot restore.`
  },
}

async function planFor(
  { images, hidden, needs, targets, nodes, lister, formats }: SiteFacts,
  user: User,
  nothing: readonly NodePlan[],
  { secrets, signal }: PlanningOptions,
): Promise<readonly NodePlan[]> {
  const qemuImg = nodes.find(({ where }) => where === lister.where)?.qemuImg
  // Reported as a node that could not be read.
  if (qemuImg === undefined) return nothing
  const { renames, refused } = await checkRenames(
    lister,
    planRenames({ images, ...(hidden && { hidden }) }, needs, targets, secrets),
    {
      user,
      qemuImg,
      formats,
      ...(secrets && { secrets }),
      ...(signal && { signal }),
    },
  )
  const [first] = refused
  const action = { kind: 'rename-parents', user, targets, renames } as const
  return nothing.map((node): NodePlan => {
    const isLister = node.where === lister.where
    if (first === undefined) return isLister && renames.length > 0 ? { ...node, actions: [action] } : node
    const why = isLister
      ? 'no image is changed until all can be'
      : `${lister.where} cannot rewrite the images: ${first.path}: ${first.why}`
    const remedy = `Fix what ${lister.where} refuses first.`
    const ofOrigins = [...new Set(needs.map(({ origin }) => origin))].map((origin) => ({ origin, why, remedy }))
    return { ...node, refusals: [...(isLister ? refused.map(refusalOf) : []), ...ofOrigins] }
  })
}

function refusalOf({ path, why, kind = 'file' }: RefusedImage): Refusal {
  return { why: `${path}: ${why}`, remedy: remedies[kind] }
}

function imagesAfter(
  images: readonly ImageOnTarget[],
  nodes: readonly NodePlan[],
  targets: readonly string[],
): readonly ImageOnTarget[] {
  const renames = nodes.flatMap(({ actions }) =>
    actions.flatMap((action) => (action.kind === 'rename-parents' ? action.renames : [])),
  )
  const names = new Map(renames.map(({ path, to }) => [path, to]))
  return images.map((image) => {
    const parent = names.get(`${targets[image.target]}/${image.path}`)
    return parent === undefined ? image : { ...image, parent }
  })
}
