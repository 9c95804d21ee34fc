import { isAlive, thisProcess } from '../../localhost/process-identity.ts'
import { type Engine, engineNames, type Residue } from '../engine/engine.ts'
import { openEngine } from '../engine/open-engine.ts'
import type { Ledger } from './ledger.ts'

export interface Cleaning {
  /** What dead runs left, removed unless it was a dry run. */
  readonly residue: readonly Residue[]
  /** Dead runs struck from the ledger. */
  readonly runs: readonly string[]
  /** Labs that are kept and alive: left alone. */
  readonly kept: readonly string[]
}

/** The engines that answer here. Of one that does not, nothing can be there that runs. */
export async function answeringEngines(): Promise<readonly Engine[]> {
  const engines = await Promise.allSettled(engineNames.map(openEngine))
  return engines.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

/** Removes what dead runs left, on any of these engines, and only that. */
export async function clean(
  engines: readonly Pick<Engine, 'residue' | 'remove'>[],
  ledger: Ledger,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Cleaning> {
  // In this order: a run enters the ledger before it makes anything.
  const found = await Promise.all(
    engines.map(async (engine) => (await engine.residue()).map((residue) => ({ engine, residue }))),
  )
  const everything = found.flat()
  const records = await ledger.read()
  const living = new Set(records.filter((record) => record.alive).map(({ run }) => run))
  const dead = await Promise.all(everything.map((one) => isDead(one.residue, living)))
  const left = everything.filter((_, index) => dead[index])
  const runs = records.filter((record) => !record.alive).map(({ run }) => run)
  if (!dryRun) {
    // Guests before the hubs they are plugged into.
    const hubsLast = left.toSorted((a, b) => Number(a.residue.name === 'hub') - Number(b.residue.name === 'hub'))
    for (const { engine, residue } of hubsLast) await engine.remove(residue)
    for (const run of runs) await ledger.strike(run)
  }
  const kept = records.filter((record) => record.alive && record.kept).map(({ run }) => run)
  return { residue: left.map(({ residue }) => residue), runs, kept }
}

/** A run may be in another user's ledger, so its owner is looked at too; a running thing of another machine is left alone. */
async function isDead({ run, owner, running }: Residue, living: ReadonlySet<string>): Promise<boolean> {
  if (living.has(run)) return false
  if (owner === undefined) return true
  const { bootId } = await thisProcess()
  return owner.bootId === bootId ? !(await isAlive(owner)) : running !== true
}
