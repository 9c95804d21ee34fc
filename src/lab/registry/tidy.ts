import type { Engine } from '../engine/engine.ts'
import { openEngine } from '../engine/open-engine.ts'
import { clean } from './clean.ts'
import { Ledger } from './ledger.ts'

/**
 * Removes what runs on this machine left that were killed with all their processes, before a new one starts. Nothing is
 * touched whose owner may still run.
 * @returns a sentence if something was removed, or cannot be removed. Undefined if nothing was left
 */
export async function tidy(engine: Engine): Promise<string | undefined> {
  try {
    // Runs on another engine may have left folders.
    const engines = engine.name === 'embedded' ? [engine] : [engine, await openEngine('embedded')]
    const { residue } = await clean(engines, new Ledger(), { dryRun: false, isCautious: true })
    if (residue.length === 0) return undefined
    return `removed what dead runs left behind: ${residue.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`
  } catch (error) {
    return `cannot remove what dead runs left behind: ${(error as Error).message}`
  }
}
