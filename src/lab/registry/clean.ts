import { isAlive, thisProcess } from '../../localhost/process-identity.ts'
import { type Engine, engineNames, type Residue } from '../engine/engine.ts'
import { openEngine } from '../engine/open-engine.ts'
import type { Ledger } from './ledger.ts'

export interface CleanResult {
  /** Things that dead runs left behind. They are removed unless it is a dry run. */
  readonly residue: readonly Residue[]
  /** Dead runs that were removed from the ledger. */
  readonly runs: readonly string[]
  /** Live runs whose labs were kept. They are not touched. */
  readonly kept: readonly string[]
}

/** Returns the engines that answer on this machine. An engine that does not answer runs nothing. */
export async function answeringEngines(): Promise<readonly Engine[]> {
  const engines = await Promise.allSettled(engineNames.map(openEngine))
  return engines.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

/** Removes what dead runs left behind on these engines, and nothing else. */
export async function clean(
  engines: readonly Pick<Engine, 'residue' | 'remove'>[],
  ledger: Ledger,
  { dryRun }: { readonly dryRun: boolean },
): Promise<CleanResult> {
  // The ledger is read last: a run is in it before it creates anything.
  const found = await Promise.all(
    engines.map(async (engine) => (await engine.residue()).map((residue) => ({ engine, residue }))),
  )
  const everything = found.flat()
  const records = await ledger.read()
  const alive = new Set(records.filter((record) => record.alive).map(({ run }) => run))
  const dead = await Promise.all(everything.map((one) => isDead(one.residue, alive)))
  const left = everything.filter((_, index) => dead[index])
  const runs = records.filter((record) => !record.alive).map(({ run }) => run)
  if (!dryRun) {
    // Guests go before the hubs that they are connected to.
    const hubsLast = left.toSorted((a, b) => Number(a.residue.name === 'hub') - Number(b.residue.name === 'hub'))
    for (const { engine, residue } of hubsLast) await engine.remove(residue)
    for (const run of runs) await ledger.remove(run)
  }
  const kept = records.filter((record) => record.alive && record.kept).map(({ run }) => run)
  return { residue: left.map(({ residue }) => residue), runs, kept }
}

/** A run may be in another user's ledger, so its owner counts as well. A thing that another machine still runs is not dead. */
async function isDead({ run, owner, running }: Residue, alive: ReadonlySet<string>): Promise<boolean> {
  if (alive.has(run)) return false
  if (owner === undefined) return true
  const { bootId } = await thisProcess()
  return owner.bootId === bootId ? !(await isAlive(owner)) : running !== true
}
