import { InputError } from '../errors.ts'
import type { Machine } from '../lab/machine/machine.ts'
import type { ExpectedFile } from '../reason/path-evidence.ts'
import { type ReasonKind, reasonKinds } from '../reason/reason.ts'
import { findPaths } from '../recovery/node/found-paths.ts'
import { readPaths } from '../recovery/node/path-files.ts'
import type { Shell } from '../shell/shell.ts'
import { defineObservation } from '../verdict/observation/define-observation.ts'
import { isOneOf } from '../verdict/observation/facts.ts'
import type { Scene } from './scene.ts'

/** `resolves`, or why an origin path does not lead to the images at the local path. */
export type ThroughOriginPath = 'resolves' | ReasonKind

/** The images as the product's service reads them through both paths: by the evidence that `check` judges real hosts by. */
export const imagesThroughOriginPath = defineObservation(
  'the images through the origin path',
  isOneOf<ThroughOriginPath>('resolves', ...reasonKinds),
)

/** Parses the reason of a path that does not resolve, e.g. `another target`. @throws InputError for an unknown one */
export function parseThroughOriginPath(text: string): ThroughOriginPath {
  const kind = reasonKinds.find((one) => one === text)
  if (kind !== undefined) return kind
  throw new InputError(`unknown reason "${text}"`, { remedy: `Known: ${reasonKinds.join('; ')}.` })
}

/**
 * Reads images through each origin path of a node, and returns why the first bad one does not resolve.
 * @param service the shell of the product's service
 */
export async function lookThroughOriginPaths(
  scene: Scene,
  node: Machine,
  service: Shell = node.service,
): Promise<ThroughOriginPath> {
  const { plan } = scene.siteOf(node)
  const { user } = plan
  const pairs = scene.holdings.originPairs(plan)
  const targets = [...new Set(pairs.map(({ local }) => local))]
  const wanted = targets.map((local) => ({ path: local, files: imagesAt(scene, node, local) }))
  const sights = await readPaths(service, wanted, { user })
  const expected = new Map(
    wanted.map(({ path, files }) => {
      const seen = sights.get(path)?.files
      return [path, files.flatMap((file) => expectedFile(file, { ...seen?.get(file) }))] as const
    }),
  )
  const found = await findPaths(service, { targets, pairs, expected }, { user })
  const bad = found.find(({ finding }) => finding.state !== 'resolves')
  return bad === undefined ? 'resolves' : (bad.finding.reason ?? 'unknown')
}

function imagesAt(scene: Scene, node: Machine, local: string): readonly string[] {
  const { plan } = scene.siteOf(node)
  const { holdings } = scene
  return holdings.images.filter((image) => holdings.localPathOf(image, plan) === local).map(({ path }) => path)
}

function expectedFile(
  path: string,
  { sizeBytes, mtimeMs, head, tail }: Partial<ExpectedFile>,
): readonly ExpectedFile[] {
  if (sizeBytes === undefined || mtimeMs === undefined || head === undefined || tail === undefined) return []
  return [{ path, sizeBytes, mtimeMs, head, tail }]
}
