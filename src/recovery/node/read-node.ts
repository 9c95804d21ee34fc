import { readFileSync } from 'node:fs'
import { boundedAccess, program } from '../../image/program.ts'
import { firstObjectIn, objectsIn } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { Shell, User } from '../../shell/shell.ts'
import { bindInFstab } from '../fstab/bind-in-fstab.ts'
import type { Bind } from '../fstab/bind-line.ts'
import { whyNotToAdd } from '../fstab/block.ts'
import { fstabOf } from '../fstab/fstab-file.ts'
import { mountPointsModule } from '../mounts/mount-points.ts'
import { type ExpectedImages, type Found, findPaths } from './found-paths.ts'
import type { FoundPath, NodeState, PathState } from './node-state.ts'

const modules = {
  ...boundedAccess,
  ...mountPointsModule,
  node_state: readFileSync(new URL('./node_state.py', import.meta.url), 'utf8'),
}

export interface ReadNodeOptions {
  /** Mount paths of the site's targets. */
  readonly targets?: readonly string[]
  /** The images that are expected on them. */
  readonly expected?: ExpectedImages
  /** The product's user, who reads them. Undefined for root. */
  readonly user?: User
  /** Runs commands where the product's service runs. Undefined if that is on the host. Throws if it cannot be entered. */
  readonly service?: () => Promise<Shell>
  readonly signal?: AbortSignal
}

/** Limit for a step of looking at one path. */
const stallMs = 15_000

/**
 * Reads a node, and the expected images through each path, on the host and where the service has mounts of its own. A path
 * that hangs holds up no other. Changes nothing.
 * @throws ShellError, CommandError if the node cannot be read
 */
export async function readNode(
  shell: Shell,
  pairs: readonly Bind[],
  { targets = [], expected = new Map(), user, service, signal }: ReadNodeOptions = {},
): Promise<NodeState> {
  const paths = [...new Set([...targets, ...pairs.flatMap(({ local, origin }) => [local, origin])])]
  const lookIn = async (place: Shell): Promise<Sight> => {
    const options = { stallMs, ...(user && { user }), ...(signal && { signal }) }
    const [sight, found] = await Promise.all([
      look(place, paths, signal),
      findPaths(place, { targets, pairs, expected }, options),
    ])
    return { ...sight, found }
  }
  const [host, fstab] = await Promise.all([lookIn(shell), fstabOf(shell, signal)])
  const inside = await lookInside(lookIn, service, signal)
  const whyNotFstab = fstab.whyNot ?? whyNotToAdd(fstab.text)
  return {
    where: shell.where,
    found: host.found.map((one, index) => foundPath(one, inside.sight?.found[index])),
    qemuImg: host.qemuImg,
    isSystemd: fstab.isSystemd,
    ...(whyNotFstab !== undefined && { whyNotFstab }),
    ...(inside.sight && { serviceQemuImg: inside.sight.qemuImg }),
    ...(inside.unknown !== undefined && { serviceUnknown: inside.unknown }),
    targets: targets.map((path) => ({ host: host.at(path), ...(inside.sight && { service: inside.sight.at(path) }) })),
    pairs: pairs.map((pair) => ({
      local: host.at(pair.local),
      origin: host.at(pair.origin),
      ...bindInFstab(fstab, pair),
      ...(inside.sight && { service: { local: inside.sight.at(pair.local), origin: inside.sight.at(pair.origin) } }),
    })),
  }
}

function foundPath({ path, local, finding }: Found, service: Found | undefined): FoundPath {
  return { path, local, host: finding, ...(service && { service: service.finding }) }
}

interface Sight {
  readonly qemuImg: string
  readonly found: readonly Found[]
  at(path: string): PathState
}

async function look(
  shell: Shell,
  paths: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Omit<Sight, 'found'>> {
  const result = await shell.try(python, {
    stdin: program(modules, { paths, stallS: stallMs / 1000 }),
    deadlineMs: 4 * stallMs,
    captureBytes: 16 * 2 ** 20,
    maxOutputBytes: 16 * 2 ** 20,
    ...(signal !== undefined && { signal }),
  })
  const { stdout } = programSucceeded(result)
  const { qemuImg } = firstObjectIn<{ readonly qemuImg: string }>(shell.where, stdout, { qemuImg: 'string' })
  const lines = objectsIn<PathLine>(shell.where, stdout, { path: 'string' })
  return { qemuImg, at: (path) => stateOf(path, lines) }
}

type PathLine = Partial<PathState> & { readonly ended?: 'done' | 'failed' | 'stalled' }

function stateOf(path: string, lines: readonly PathLine[]): PathState {
  const { ended, ...facts } = Object.assign({}, ...lines.filter((line) => line.path === path)) as PathLine
  const error = { done: 'it cannot be read', stalled: 'it does not answer', failed: 'looking at it failed' }
  const { kind = 'unreadable' } = facts
  const why = facts.error ?? (kind === 'unreadable' ? error[ended ?? 'failed'] : undefined)
  return { ...facts, path, kind, ...(why !== undefined && { error: why }) }
}

/** Returns `unknown` if the service cannot be entered. It is never assumed to see what the host sees. */
async function lookInside(
  lookIn: (place: Shell) => Promise<Sight>,
  service: ReadNodeOptions['service'],
  signal: AbortSignal | undefined,
): Promise<{ readonly sight?: Sight; readonly unknown?: string }> {
  if (service === undefined) return {}
  try {
    return { sight: await lookIn(await service()) }
  } catch (error) {
    signal?.throwIfAborted()
    return { unknown: (error as Error).message }
  }
}
