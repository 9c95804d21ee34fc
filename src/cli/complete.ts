import { ShellCompDirective } from '@bomb.sh/tab'
import { Command } from 'commander'
import { Ledger, type LedgerRecord } from '../lab/registry/ledger.ts'
import { type Candidate, type Candidates, candidatesFor } from './candidates.ts'

/** `complete`: prints candidates for the scripts of `completion`, which filter them by what is typed. */
export function completeCommand(): Command {
  return new Command('complete')
    .argument('<words...>', 'words of the command line; the last one, which may be empty, is to be completed')
    .action(async (words: readonly string[], _flags: object, { parent }: Command) => {
      if (parent === null) return
      const candidates = candidatesFor(parent, words)
      // The shell lists files if there are no candidates.
      const all = candidates.kind === 'files' ? [] : await wordsOf(candidates, words)
      const { ShellCompDirectiveDefault: files, ShellCompDirectiveNoFileComp: noFiles } = ShellCompDirective
      const lines = all.map(({ word, description }) => `${word}\t${description.replaceAll(/\s+/g, ' ')}\n`)
      process.stdout.write(`${lines.join('')}:${candidates.kind === 'files' ? files : noFiles}\n`)
    })
}

async function wordsOf(
  candidates: Exclude<Candidates, { kind: 'files' }>,
  words: readonly string[],
): Promise<readonly Candidate[]> {
  if (candidates.kind === 'words') return candidates.words
  const alive = (await new Ledger().read()).filter((record) => record.alive)
  if (candidates.kind === 'machines') {
    const run = words[words.indexOf('--run') + 1]
    const isMeant = words.includes('--run')
      ? (record: LedgerRecord) => record.run === run
      : ({ project }: LedgerRecord) => project === process.cwd()
    return alive
      .filter(isMeant)
      .flatMap((record) => record.machines.map(({ where }) => ({ word: where, description: `run ${record.run}` })))
  }
  return alive
    .filter(({ kept }) => kept || candidates.kind === 'runs')
    .map(({ run, startedAt }) => ({ word: run, description: `started ${startedAt}` }))
}
