import { Command } from 'commander'
import type { Engine } from '../lab/engine/engine.ts'
import { answeringEngines, type CleanResult, clean } from '../lab/registry/clean.ts'
import { endKeptLab, keptLab } from '../lab/registry/kept-lab.ts'
import { Ledger } from '../lab/registry/ledger.ts'
import { removeToolDisks } from '../lab/tool/tool-disk.ts'
import { invocation } from '../localhost/invocation.ts'
import { counted } from '../text/plural.ts'
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
    .option('-n, --dry-run', 'print what would be removed, and remove nothing')
    .option('--kept <run>', 'run whose kept lab is ended as well')
    .option('--cache', 'remove guest images and disks as well; they are built again when needed')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
A run is dead if its process has exited. Live runs and kept labs are skipped.
Temporary folders of other commands whose process has exited are removed, too.

Examples:
  $ dr-drill clean --dry-run
  $ dr-drill clean --kept 20261122t201500-3f9a1c
  $ dr-drill clean --cache

Exit codes: 0 nothing left of dead runs, 2 wrong input, 3 removal failed.`,
    )
    .action(async ({ dryRun = false, kept: runToEnd, cache, json }: Flags) => {
      const ledger = new Ledger()
      const { engines, silent } = await answeringEngines()
      const ended = runToEnd === undefined ? undefined : await end(ledger, runToEnd, dryRun)
      const result = await clean(engines, ledger, { dryRun })
      const images = cache === true ? await removeImages(engines, dryRun) : []
      const { residue, runs } = result
      // Looks again: what an engine was asked to remove need not be gone.
      const left = dryRun ? residue : (await clean(engines, ledger, { dryRun: true })).residue
      const kept = result.kept.filter((run) => run !== runToEnd)
      if (!dryRun && left.length > 0) process.exitCode = 3
      process.stdout.write(
        json === true
          ? `${JSON.stringify({ dryRun, residue, runs, kept, images, left, silent, ...(ended && { ended }) })}\n`
          : describe({ ...result, kept, left, images, silent, ...(ended && { ended }) }, dryRun),
      )
    })
}

/** The lab of a run that `--kept` names. */
interface EndedLab {
  readonly run: string
  readonly wasRunning: boolean
}

async function end(ledger: Ledger, run: string, dryRun: boolean): Promise<EndedLab> {
  return { run, wasRunning: dryRun ? (await keptLab(ledger, run)).alive : await endKeptLab(ledger, run) }
}

async function removeImages(engines: readonly Engine[], dryRun: boolean): Promise<readonly string[]> {
  return (await Promise.all([...engines.map((engine) => engine.removeImages(dryRun)), removeToolDisks(dryRun)])).flat()
}

interface Cleaned extends CleanResult {
  /** Things of dead runs that the engines still have. */
  readonly left: CleanResult['residue']
  readonly images: readonly string[]
  /** Engines that do not answer. */
  readonly silent: readonly string[]
  readonly ended?: EndedLab
}

function describe({ residue, kept, left, images, silent, ended }: Cleaned, dryRun: boolean): string {
  const verb = dryRun ? 'would remove' : 'removed'
  return [
    ...(ended === undefined ? [] : [endOf(ended, dryRun)]),
    ...residue.map(({ kind, name, run }) => `${verb} ${kind} ${name}${run === '' ? '' : ` of run ${run}`}`),
    ...images.map((image) => `${verb} image ${image}`),
    ...kept.map((run) => `skipped run ${run}, whose lab is kept`),
    ...silent.map((engine) => `skipped the engine ${engine}, which does not answer`),
    ...closing(
      styleOf(process.stdout),
      dryRun || left.length === 0 ? 'passed' : 'unknown',
      sentenceFor(residue.length + images.length, left.length, dryRun),
      kept.map((run) => `${invocation} clean --kept ${run}`),
    ),
    '',
  ].join('\n')
}

function endOf({ run, wasRunning }: EndedLab, dryRun: boolean): string {
  if (!wasRunning) return `lab ${run} had ended already`
  return dryRun ? `would end lab ${run}` : `ended lab ${run}`
}

function sentenceFor(count: number, left: number, dryRun: boolean): string {
  const things = counted(count, 'thing')
  if (dryRun && count > 0) return `clean would remove ${things}.`
  const rest =
    left === 0 ? 'Nothing is left of dead runs.' : `${counted(left, 'thing is', 'things are')} left of dead runs.`
  return count === 0 ? rest : `Removed ${things}. ${rest}`
}
