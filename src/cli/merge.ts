import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { readSite } from '../assess/site/read-site.ts'
import { InputError, withRemedy } from '../errors.ts'
import { JournalFile } from '../journal/journal-file.ts'
import { configName } from '../project/config-name.ts'
import { readConfig } from '../project/project.ts'
import { findRun } from '../run/find-run.ts'
import { createReportFolder, writeRun } from '../run/reports-folder.ts'
import { newRunId } from '../run/run-id.ts'
import { mergeShards } from '../run/shard/merge-shards.ts'
import { readShards } from '../run/shard/read-shards.ts'
import { isResultsFile } from '../verify/results-lines.ts'

import { allOption, checkJudgingFlags, failOnOption, type JudgingFlags, maxAgeOption } from './assessment-options.ts'
import { metricsOption } from './metrics-option.ts'
import { runMerge } from './run-merge.ts'
import { jsonReport, terminalReport } from './run-output.ts'

interface Flags extends JudgingFlags {
  readonly allowNotRun?: true
  readonly reports?: string
  readonly config?: string
  readonly asSite?: string
}

/** `merge`: makes one run, or one verification, of its shards. */
export function mergeCommand(): Command {
  return new Command('merge')
    .argument('<runs...>', 'id, folder or journal of each shard of a run; or results of each shard of a verification')
    .optionsGroup('Options for shards of a run:')
    .option('--allow-not-run', 'exit with 0 even if scenarios were not run')
    .option('--reports <dir>', 'folder for reports (default: reports)')
    .option('--config <file>', `configuration file (default: ${configName})`)
    .optionsGroup('Options for shards of a verification:')
    .option('--as-site <file>', 'YAML file with the site to judge for (default: this host)')
    .addOption(maxAgeOption())
    .addOption(failOnOption())
    .addOption(allOption())
    .addOption(metricsOption())
    .optionsGroup('Options:')
    .option('--json', 'print one JSON object for a run, NDJSON for a verification')
    .addHelpText(
      'after',
      `
Merges the journals of "run --shard" into one run, with its reports and its exit
code. Make its evidence pack with "evidence create". The shards must have the
same features, options and version. A missing shard fails the run, and so does a
scenario without an outcome. A scenario that was running on a lost machine is
unknown.

Results of "verify --shard" are judged together, without the target. A missing
shard makes its disks unknown, and the exit code is 3.

Examples:
  $ dr-drill run --shard 1/2                    on one machine
  $ dr-drill run --shard 2/2                    on another
  $ dr-drill merge shards/1 shards/2            with the folder of each run
  $ dr-drill merge shards/*/journal.ndjson
  $ dr-drill merge 1.ndjson 2.ndjson            results of "verify --shard"

Exit codes: 0 success, 1 failure, 2 wrong input, 3 undetermined (a scenario is
unknown or was not run), 130 a shard was interrupted. 130 wins over 1, and 1
over 2 and 3.`,
    )
    .action(async (texts: readonly string[], flags: Flags, command: Command) => {
      const results = texts.filter(isResultsFile)
      if (results.length > 0) return await mergeVerification(texts, results, flags, command)
      refuseOptions(command, ['asSite', 'maxAge', 'failOn', 'all', 'metrics'], 'results of verifications')
      const { allowNotRun, json, reports: folder, config } = flags
      const reports = resolve(folder ?? readConfig(process.cwd(), config).reports)
      const shards = readShards(texts.map((text) => findRun(text, reports).journal))
      const run = newRunId(new Date())
      const directory = createReportFolder(reports, run)
      let broken: Error | undefined
      using journal = new JournalFile(join(directory, 'journal.ndjson'), {
        onBroken: (error) => {
          broken = error
        },
      })
      const argv = process.argv.slice(2)
      const exitCode = mergeShards(shards, { journal, run, argv, allowNotRun: allowNotRun === true })
      if (broken !== undefined) throw broken
      const errors = await writeRun(directory, journal.entries(), reports)
      for (const error of errors) process.stderr.write(`${withRemedy(error)}\n`)
      const result = { run, directory, exitCode, workers: shards.length, entries: journal.entries() }
      process.exitCode = exitCode === 0 && errors.length > 0 ? 3 : exitCode
      process.stdout.write(json === true ? `${JSON.stringify(jsonReport(result))}\n` : `${terminalReport(result)}\n`)
    })
}

async function mergeVerification(
  texts: readonly string[],
  results: readonly string[],
  flags: Flags,
  command: Command,
): Promise<void> {
  const other = texts.find((text) => !results.includes(text))
  if (other !== undefined)
    throw new InputError(`${other} is not a file of results, but ${results[0]} is`, {
      remedy: 'Merge the shards of a run, or those of a verification.',
    })
  refuseOptions(command, ['allowNotRun', 'reports', 'config'], 'runs')
  checkJudgingFlags(flags)
  await runMerge(
    results.map((path) => resolve(path)),
    {
      failOn: flags.failOn,
      isAll: flags.all === true,
      isJson: flags.json === true,
      ...(flags.maxAge !== undefined && { maxAgeMs: flags.maxAge }),
      ...(flags.asSite !== undefined && { site: readSite(flags.asSite) }),
      ...(flags.metrics !== undefined && { metrics: flags.metrics }),
    },
  )
}

/** @throws InputError for options that do not concern what is merged */
function refuseOptions(command: Command, names: readonly string[], what: string): void {
  const given = command.options.find(
    (option) =>
      names.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  if (given !== undefined) throw new InputError(`${given.long} requires ${what}`, { remedy: `Remove ${given.long}.` })
}
