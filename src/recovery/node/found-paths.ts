import { judgeOrigin } from '../../reason/judge-origin.ts'
import { judgeTarget } from '../../reason/judge-target.ts'
import type { ExpectedFile, PathFinding, PathSight } from '../../reason/path-evidence.ts'
import type { Shell } from '../../shell/shell.ts'
import type { Bind } from '../fstab/bind-line.ts'
import { type ReadPathsOptions, readPaths } from './path-files.ts'

/** The images that are expected on targets, by mount path. */
export type ExpectedImages = ReadonlyMap<string, readonly ExpectedFile[]>

export interface PathsToFind {
  /** Mount paths of targets. */
  readonly targets: readonly string[]
  readonly pairs: readonly Bind[]
  readonly expected: ExpectedImages
}

/** The finding about a path. Both paths of a target are the same. */
export interface Found {
  readonly path: string
  readonly local: string
  readonly finding: PathFinding
}

/**
 * Reads the expected images through each mount path and each origin path, and judges them. Looks a second time if some of a
 * path's images are as expected and some are not, because a backup may have written in between.
 * @throws ShellError, CommandError if the node does not answer
 */
export async function findPaths(
  shell: Shell,
  paths: PathsToFind,
  options: ReadPathsOptions,
): Promise<readonly Found[]> {
  const { targets, pairs, expected } = paths
  const filesOf = (local: string) => expected.get(local) ?? []
  const wanted = new Map<string, Set<string>>()
  for (const { path, local } of [...targets.map(target), ...pairs.map(pathOf)]) {
    const files = wanted.get(path) ?? new Set()
    for (const file of filesOf(local)) files.add(file.path)
    wanted.set(path, files)
  }
  const look = async () => {
    const reads = [...wanted].map(([path, files]) => ({ path, files: [...files] }))
    const sights = await readPaths(shell, reads, options)
    const at = (path: string): PathSight => sights.get(path) ?? { path, ended: 'failed', files: new Map() }
    const nowMs = Date.now()
    const found = [
      ...targets.map(target).map((one) => ({ ...one, finding: judgeTarget(at(one.path), filesOf(one.path), nowMs) })),
      ...pairs.map(pathOf).map(({ path, local }) => {
        const finding = judgeOrigin(at(path), at(local), filesOf(local), nowMs)
        return { path, local, finding }
      }),
    ]
    const isMixed = found.some(({ path, finding }) => finding.state !== 'resolves' && hasFiles(at(path)))
    return { found, isMixed }
  }
  const first = await look()
  return first.isMixed ? (await look()).found : first.found
}

const target = (path: string) => ({ path, local: path })
const pathOf = ({ origin, local }: Bind) => ({ path: origin, local })

const hasFiles = ({ files }: PathSight): boolean => [...files.values()].some(({ state }) => state === 'file')
