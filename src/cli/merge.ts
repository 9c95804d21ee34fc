import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { withRemedy } from '../errors.ts'
import { JournalFile } from '../journal/journal-file.ts'
import { configName } from '../project/config-name.ts'
import { readConfig } from '../project/project.ts'
import { findRun } from '../run/find-run.ts'
import { createReportFolder, writeRun } from '../run/reports-folder.ts'
import { newRunId } from '../run/run-id.ts'
import { mergeShards } from '../run/shard/merge-shards.ts'
import { readShards } from '../run/shard/read-shards.ts'
import { jsonReport, terminalReport } from './run-output.ts'

interface Flags {
  readonly allowNotRun?: true
  readonly json?: true
  readonly reports?: string
  readonly config?: string
}

/** `merge`: makes one run of its shards. */
export function mergeCommand(): Command {
  return new Command('merge')
    .argument('<runs...>', 'id, folder or journal of each shard')
    .option('--allow-not-run', 'exit with 0 even if scenarios were not run')
    .option('--json', 'print one JSON object')
    .option('--reports <dir>', 'folder for reports (default: reports)')
    .option('--config <file>', `configuration file (default: ${configName})`)
    .addHelpText(
      'after',
      `
Merges the journals of "run --shard" into one run, with its reports and its exit
code. Make its evidence pack with "evidence create". The shards must have the
same features, options and version. A missing shard fails the run, and so does a
scenario without an outcome. A scenario that was running on a lost machine is
unknown.

Examples:
  $ dr-drill run --shard 1/2                    on one machine
  $ dr-drill run --shard 2/2                    on another
  $ dr-drill merge shards/1 shards/2            with the folder of each run
  $ dr-drill merge shards/*/journal.ndjson

Exit codes: 0 success, 1 failure, 2 wrong input, 3 undetermined (a scenario is
unknown or was not run), 130 a shard was interrupted. 130 wins over 1, and 1
over 2 and 3.`,
    )
    .action(async (texts: readonly string[], { allowNotRun, json, reports: folder, config }: Flags) => {
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
