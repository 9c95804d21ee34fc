import { Command } from 'commander'
import type { Engine } from '../lab/engine/engine.ts'
import { answeringEngines, type CleanResult, clean } from '../lab/registry/clean.ts'
import { endKeptLab } from '../lab/registry/kept-lab.ts'
import { Ledger } from '../lab/registry/ledger.ts'
import { removeToolDisks } from '../lab/tool/tool-disk.ts'
import { invocation } from '../localhost/invocation.ts'
import { closing, styleOf } from '../text/style.ts'

interface Flags {
  readonly dryRun?: boolean
  readonly kept?: string
  readonly cache?: true
  readonly json?: true
}

/** `clean`: removes what dead runs left behind. */
export function cleanCommand(): Command {
  return new Command('clean')
    .description('remove what dead runs left behind')
    .option('-n, --dry-run', 'print what would be removed, and remove nothing')
    .option('--kept <run>', 'run whose kept lab is ended as well')
    .option('--cache', 'remove guest images and disks as well; they are built again when needed')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
A run is dead if its process has exited. Live runs and kept labs are skipped.

Examples:
  $ dr-drill clean --dry-run
  $ dr-drill clean --kept 20261122t201500-3f9a1c
  $ dr-drill clean --cache

Exit codes: 0 nothing left of dead runs, 2 wrong input, 3 removal failed.`,
    )
    .action(async ({ dryRun = false, kept: runToEnd, cache, json }: Flags) => {
      const ledger = new Ledger()
      const engines = await answeringEngines()
      if (runToEnd !== undefined && !dryRun) await endKeptLab(ledger, runToEnd)
      const result = await clean(engines, ledger, { dryRun })
      const images = cache === true ? await removeImages(engines, dryRun) : []
      const { residue, runs, kept } = result
      process.stdout.write(
        json === true
          ? `${JSON.stringify({ dryRun, residue, runs, kept, images })}\n`
          : describe(result, images, dryRun),
      )
    })
}

async function removeImages(engines: readonly Engine[], dryRun: boolean): Promise<readonly string[]> {
  return (await Promise.all([...engines.map((engine) => engine.removeImages(dryRun)), removeToolDisks(dryRun)])).flat()
}

function describe({ residue, kept }: CleanResult, images: readonly string[], dryRun: boolean): string {
  const verb = dryRun ? 'would remove' : 'removed'
  const count = residue.length + images.length
  const things = `${count} ${count === 1 ? 'thing' : 'things'}`
  const sentence =
    count === 0
      ? 'Nothing is left of dead runs.'
      : dryRun
        ? `clean would remove ${things}.`
        : `Removed ${things}. Nothing is left of dead runs.`
  return [
    ...residue.map(({ kind, name, run }) => `${verb} ${kind} ${name} of run ${run}`),
    ...images.map((image) => `${verb} image ${image}`),
    ...kept.map((run) => `skipped run ${run}, whose lab is kept`),
    ...closing(
      styleOf(process.stdout),
      'passed',
      sentence,
      kept.map((run) => `${invocation} clean --kept ${run}`),
    ),
    '',
  ].join('\n')
}
