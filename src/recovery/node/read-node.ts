import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
import { firstObjectIn, noResult, objectsIn } from '../../shell/host-objects.ts'
import { programSucceeded, python } from '../../shell/python.ts'
import type { Shell } from '../../shell/shell.ts'
import { bindInFstab } from '../fstab/bind-in-fstab.ts'
import type { Bind } from '../fstab/bind-line.ts'
import { whyNotToAdd } from '../fstab/block.ts'
import { fstabOf } from '../fstab/fstab-file.ts'
import type { NodeState, PathState } from './node-state.ts'

const source = readFileSync(new URL('./node_state.py', import.meta.url), 'utf8')

export interface ReadNodeOptions {
  /** Mount paths of the site's targets. */
  readonly targets?: readonly string[]
  /** Runs commands where the product's service runs. Undefined if that is on the host. Throws if it cannot be entered. */
  readonly service?: () => Promise<Shell>
  readonly signal?: AbortSignal
}

/**
 * Reads a node by two commands, and by a third one where the service has mounts of its own. Changes nothing.
 * @throws ShellError, CommandError if the node cannot be read
 */
export async function readNode(
  shell: Shell,
  pairs: readonly Bind[],
  { targets = [], service, signal }: ReadNodeOptions = {},
): Promise<NodeState> {
  const paths = [...new Set([...targets, ...pairs.flatMap(({ local, origin }) => [local, origin])])]
  const [host, fstab] = await Promise.all([look(shell, paths, signal), fstabOf(shell, signal)])
  const inside = await lookInside(paths, service, signal)
  const whyNotFstab = fstab.whyNot ?? whyNotToAdd(fstab.text)
  return {
    where: shell.where,
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

interface Sight {
  readonly qemuImg: string
  at(path: string): PathState
}

async function look(shell: Shell, paths: readonly string[], signal: AbortSignal | undefined): Promise<Sight> {
  const result = await shell.try(python, {
    stdin: program({ node_state: source }, paths),
    deadlineMs: 60_000,
    captureBytes: 16 * 2 ** 20,
    maxOutputBytes: 16 * 2 ** 20,
    ...(signal !== undefined && { signal }),
  })
  const { stdout } = programSucceeded(result)
  const states = objectsIn<PathState>(shell.where, stdout, { path: 'string', kind: 'string' })
  if (states.length < paths.length) throw noResult(shell.where, stdout)
  return {
    qemuImg: firstObjectIn<{ readonly qemuImg: string }>(shell.where, stdout, { qemuImg: 'string' }).qemuImg,
    at: (path) => states.find((state) => state.path === path) ?? { path, kind: 'unreadable' },
  }
}

/** Returns `unknown` if the service cannot be entered. It is never assumed to see what the host sees. */
async function lookInside(
  paths: readonly string[],
  service: ReadNodeOptions['service'],
  signal: AbortSignal | undefined,
): Promise<{ readonly sight?: Sight; readonly unknown?: string }> {
  if (service === undefined) return {}
  try {
    return { sight: await look(await service(), paths, signal) }
  } catch (error) {
    signal?.throwIfAborted()
    return { unknown: (error as Error).message }
  }
}
