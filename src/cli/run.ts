import { Command, InvalidArgumentError } from 'commander'
import { parseShard, type Shard } from '../input/shard.ts'
import { configName } from '../project/config-name.ts'
import { becomeWorker } from '../run/parallel/worker.ts'
import { engineOption } from './engine-option.ts'
import { endWithParent, holdUntilSignal, isHolder, runInHolder } from './hold.ts'
import { metricsOption } from './metrics-option.ts'
import { repeated } from './repeatable.ts'
import { type RunCommandOptions, runDrills, startWorker } from './run-drills.ts'
import type { RunFlags } from './run-settings.ts'

const help = `
Without paths, tags and names, all scenarios in features/ run, except those
tagged @full. ${configName} can name other folders for features, steps,
topologies and reports.

Features run in parallel, each worker with labs of its own. The number of
workers depends on processors and memory. --keep-lab and a single feature use
one process. Scenarios tagged @isolated run last, one at a time.

Examples:
  $ dr-drill run                                      all scenarios
  $ dr-drill run features/procedure                   those in a folder
  $ dr-drill run features/a.feature:12 --keep-lab     one, and keep its lab
  $ dr-drill run --tags "@full and not @slow"         by tags
  $ dr-drill run --name "after a reboot" --fail-fast  by name
  $ dr-drill run --last-failed                        the last failures
  $ dr-drill run --list --tags @fast                  list, but do not run
  $ dr-drill run --parallel 1                         one after another
  $ dr-drill run --retry-unknown 1                    retry what was not judged
  $ dr-drill run --shard 1/4                          one of four machines
  $ dr-drill run --json 2>/dev/null | jq .exitCode    for programs

Exit codes: 0 success, 1 failure, 2 wrong input, 3 undetermined (a scenario is
unknown or was not run), 130 interrupted. 130 wins over 1, and 1 over 2 and 3.`

/** `run`: drills features and reports on them. */
export function runCommand({ labs, workerLabs }: RunCommandOptions = {}): Command {
  return new Command('run')
    .argument('[paths...]', 'feature files, folders, patterns, or FILE:LINE')
    .option('-t, --tags <expression>', 'tag expression that selects scenarios')
    .option('-n, --name <regexp>', 'pattern that selects scenarios by name; repeatable', repeated)
    .option('--last-failed', 'run only scenarios that failed or were unknown in the last run')
    .option('--list', 'list the selected scenarios without running them')
    .option('--dry-run', 'check that the selected scenarios can be run, without running them')
    .option('--shard <n/count>', 'part of the scenarios that this machine runs, e.g. 1/4; see "merge"', shardOption)
    .option('--durations <run>', 'earlier run whose durations balance the shards, the same on all machines')
    .option('--retry-unknown <n>', 'maximum number of times to retry a scenario that could not be judged', parseRetries)
    .option('--fail-fast', 'start no scenario after the first failure')
    .addOption(engineOption())
    .option('--parallel <n>', 'number of processes, or auto (default: auto)', parseProcessCount)
    .option('--keep-lab', 'keep the lab, and show how to enter it')
    .option('--allow-not-run', 'exit with 0 even if scenarios were not run')
    .addOption(metricsOption())
    .option('--json', 'print one JSON object; progress goes to standard error')
    .option('--reports <dir>', 'folder for reports (default: reports)')
    .option('--config <file>', `configuration file (default: ${configName})`)
    .addHelpText('after', help)
    .action(async (paths: readonly string[], flags: RunFlags) => {
      if (becomeWorker()) return await startWorker(paths, flags, workerLabs)
      const runsLabs = flags.list !== true && flags.dryRun !== true
      if (flags.keepLab === true && runsLabs && !isHolder()) {
        process.exitCode = await runInHolder()
        return
      }
      if (isHolder()) endWithParent()
      const { exitCode, hooks } = await runDrills(paths, flags, labs)
      process.exitCode = exitCode
      if (hooks?.hasKept === true) {
        await holdUntilSignal(exitCode)
        await hooks.endKept()
      }
      // A timer or process that a step left running must not keep the run from exiting.
      setTimeout(() => process.exit(), 2000).unref()
    })
}

function parseRetries(text: string): number {
  if (!/^[1-9]$/.test(text)) throw new InvalidArgumentError('It must be a number from 1 to 9.')
  return Number(text)
}

function shardOption(text: string): Shard {
  try {
    return parseShard(text)
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`)
  }
}

function parseProcessCount(text: string): number | 'auto' {
  if (text === 'auto') return text
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a number from 1, or auto.')
  return Number(text)
}
