import { access } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { removeLabFolder } from '../../localhost/lab-folder.ts'
import { hasEnded, isAlive, thisProcess } from '../../localhost/process-identity.ts'
import { type Engine, type EngineName, engineNames, type Residue } from '../engine/engine.ts'
import { openEngine } from '../engine/open-engine.ts'
import type { Ledger, LedgerRecord } from './ledger.ts'

export interface CleanResult {
  /** Things that dead runs left behind. They are removed unless it is a dry run. */
  readonly residue: readonly Residue[]
  /** Dead runs that were removed from the ledger. */
  readonly runs: readonly string[]
  /** Live runs whose labs were kept. They are not touched. */
  readonly kept: readonly string[]
}

/** Opens the engines of this machine. One that does not answer is silent: what it may hold is not known. */
export async function answeringEngines(): Promise<{
  readonly engines: readonly Engine[]
  readonly silent: readonly EngineName[]
}> {
  const opened = await Promise.allSettled(engineNames.map(openEngine))
  return {
    engines: opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    silent: engineNames.filter((_, index) => opened[index]?.status === 'rejected'),
  }
}

export interface CleanOptions {
  /** True to list things only. */
  readonly dryRun: boolean
  /** True for things whose owner has certainly ended, which is safe without being asked for. Default: false. */
  readonly isCautious?: boolean
}

type CleanedEngine = Pick<Engine, 'residue' | 'remove'>

/** A thing that a dead run left, and how to remove it. */
interface Leftover {
  readonly residue: Residue
  readonly remove: () => Promise<void>
}

/** Once processes have ended, the folders that they used can go as well. */
const maxPasses = 20
const pauseMs = 200

/** Removes what dead runs left behind on these engines, and nothing else. */
export async function clean(
  engines: readonly CleanedEngine[],
  ledger: Ledger,
  { dryRun, isCautious = false }: CleanOptions,
): Promise<CleanResult> {
  const residue = new Map<string, Residue>()
  const removed = new Set<string>()
  for (let pass = 1; ; pass++) {
    // The ledger is read last: a run is in it before it creates anything.
    const found = await Promise.all(engines.map(thingsOf))
    const records = await ledger.read()
    const isDead = async ({ owner, alive }: LedgerRecord & { readonly alive: boolean }) =>
      isCautious ? await hasEnded(owner) : !alive
    const runs = (await filterAsync(records, isDead)).map(({ run }) => run)
    const alive = new Set(records.filter((record) => record.alive).map(({ run }) => run))
    const left = [
      ...(await filterAsync(found.flat(), (one) => isDeadThing(one.residue, alive, isCautious))),
      ...(await filesOf(runs, ledger)),
    ]
    for (const run of runs) removed.add(run)
    for (const one of left) residue.set(`${one.residue.kind} ${one.residue.id}`, one.residue)
    if (!dryRun) {
      // Guests go before the hubs that they are connected to.
      for (const { remove } of left.toSorted((a, b) => Number(isHub(a)) - Number(isHub(b)))) await remove()
      for (const run of runs) await ledger.remove(run)
    }
    const hasProcesses = left.some((one) => one.residue.kind === 'process')
    if (dryRun || !hasProcesses || pass === maxPasses) {
      const kept = records.filter((record) => record.alive && record.kept).map(({ run }) => run)
      return { residue: [...residue.values()], runs: [...removed], kept }
    }
    await delay(pauseMs)
  }
}

const isHub = ({ residue }: Leftover): boolean => residue.name === 'hub'

async function thingsOf(engine: CleanedEngine): Promise<readonly Leftover[]> {
  return (await engine.residue()).map((residue) => ({ residue, remove: () => engine.remove(residue) }))
}

/** The folders of files that lead into the labs of these runs. */
async function filesOf(runs: readonly string[], ledger: Ledger): Promise<readonly Leftover[]> {
  const folders = runs.map((run) => ({ run, path: ledger.filesOf(run) }))
  const present = await filterAsync(folders, ({ path }) =>
    access(path).then(
      () => true,
      () => false,
    ),
  )
  return present.map(({ run, path }) => ({
    residue: { kind: 'folder', id: path, run, name: path },
    remove: () => removeLabFolder(path),
  }))
}

/** A run may be in another user's ledger, so its owner counts as well. A thing that another machine still runs is not dead. */
async function isDeadThing(
  { run, owner, running }: Residue,
  alive: ReadonlySet<string>,
  isCautious: boolean,
): Promise<boolean> {
  if (alive.has(run)) return false
  if (isCautious) return owner !== undefined && (await hasEnded(owner))
  if (owner === undefined) return true
  const { bootId } = await thisProcess()
  return owner.bootId === bootId ? !(await isAlive(owner)) : running !== true
}

async function filterAsync<T>(all: readonly T[], isWanted: (one: T) => Promise<boolean>): Promise<readonly T[]> {
  const wanted = await Promise.all(all.map(isWanted))
  return all.filter((_, index) => wanted[index])
}
