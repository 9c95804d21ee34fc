import { Command } from 'commander'
import type { Engine } from '../lab/engine/engine.ts'
import { answeringEngines, clean } from '../lab/registry/clean.ts'
import { endKeptLab } from '../lab/registry/kept-lab.ts'
import { Ledger } from '../lab/registry/ledger.ts'
import { removeToolDisks } from '../lab/tool/tool-disk.ts'

async function removeImages(engines: readonly Engine[], dryRun: boolean): Promise<readonly string[]> {
  return (await Promise.all([...engines.map((engine) => engine.removeImages(dryRun)), removeToolDisks(dryRun)])).flat()
}

/** `dr-drill clean`: removes what dead runs left, and only that. */
export function cleanCommand(): Command {
  return new Command('clean')
    .description('remove what dead runs left behind, and nothing else')
    .option('-n, --dry-run', 'say what would be removed, and remove nothing')
    .option('--kept <run>', 'also end this run, whose lab was kept')
    .option('--cache', 'also remove the guest images and disks; they are made again when they are needed')
    .option('--json', 'one JSON object on standard output')
    .addHelpText(
      'after',
      `
Examples:
  $ dr-drill clean --dry-run
  $ dr-drill clean --kept 20261122t201500-3f9a1c
  $ dr-drill clean --cache

Exit codes: 0 nothing of dead runs is left, 2 wrong input, 3 something could not be removed.`,
    )
    .action(async (options: { dryRun?: boolean; kept?: string; cache?: boolean; json?: boolean }) => {
      const dryRun = options.dryRun === true
      const ledger = new Ledger()
      const engines = await answeringEngines()
      if (options.kept !== undefined && !dryRun) await endKeptLab(ledger, options.kept)
      const { residue, runs, kept } = await clean(engines, ledger, { dryRun })
      const images = options.cache === true ? await removeImages(engines, dryRun) : []
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ dryRun, residue, runs, kept, images })}\n`)
        return
      }
      const verb = dryRun ? 'would remove' : 'removed'
      for (const { kind, name, run } of residue) process.stdout.write(`${verb} the ${kind} ${name} of run ${run}\n`)
      for (const image of images) process.stdout.write(`${verb} the image ${image}\n`)
      for (const run of kept) process.stdout.write(`left alone: the lab of run ${run}, which is kept\n`)
      if (residue.length + images.length === 0) process.stdout.write('dead runs have left nothing\n')
    })
}
