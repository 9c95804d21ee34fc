import { readdir, readFile, readlink } from 'node:fs/promises'
import { type Engine, type Residue, runVariable } from '../engine/engine.ts'
import { isOfRun } from './worker-run.ts'

/** Mounts of a desktop or of containers. The containers themselves are checked. */
const foreignMounts =
  /^\/(proc|sys|dev|media|run\/(user|media|docker|containerd|credentials)|var\/lib\/(docker|containers|containerd))(\/|$)/

/** Returns the current mount points, for `residueOf` to compare with. */
export async function mountPoints(): Promise<ReadonlySet<string>> {
  const table = await readFile('/proc/self/mountinfo', 'utf8')
  const points = table.split('\n').flatMap((line) => line.split(' ')[4] ?? [])
  return new Set(points.filter((point) => !foreignMounts.test(point)))
}

/**
 * Lists what a run and its workers left behind: containers, networks and volumes with the run's label, processes with
 * its id in their environment and the namespaces of these processes, and new mounts.
 * @param before the mount points before the run
 */
export async function residueOf(
  run: string,
  before: ReadonlySet<string>,
  engine: Pick<Engine, 'residue'>,
): Promise<readonly Residue[]> {
  const [labelled, processes, mounts] = await Promise.all([engine.residue(), processResidue(run), mountPoints()])
  const mounted = [...mounts].filter((point) => !before.has(point))
  return [
    ...labelled.filter((residue) => isOfRun(run, residue.run)),
    ...processes,
    ...mounted.map((point) => ({ kind: 'mount' as const, id: point, run, name: point })),
  ]
}

/** Lists the processes of a run other than this one, and the namespaces that only they use. */
export async function processResidue(run: string): Promise<readonly Residue[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0 && pid !== process.pid)
  const ours = await namespacesOf(process.pid)
  const found = new Map<string, Residue>()
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
    const of = environment
      .split('\0')
      .find((one) => one.startsWith(`${runVariable}=`))
      ?.slice(runVariable.length + 1)
    if (of === undefined || !isOfRun(run, of)) continue
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    const name = command.replaceAll('\0', ' ').trim().slice(0, 100)
    found.set(`process ${pid}`, { kind: 'process', id: String(pid), run: of, name })
    for (const namespace of await namespacesOf(pid))
      if (!ours.has(namespace))
        found.set(namespace, { kind: 'namespace', id: namespace, run: of, name: `of process ${pid}` })
  }
  return [...found.values()]
}

async function namespacesOf(pid: number): Promise<ReadonlySet<string>> {
  const kinds = ['mnt', 'net', 'pid', 'user', 'uts', 'ipc']
  const links = await Promise.all(kinds.map((kind) => readlink(`/proc/${pid}/ns/${kind}`).catch(() => undefined)))
  return new Set(links.filter((link) => link !== undefined))
}
