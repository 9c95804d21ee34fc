import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { readSite } from '../assess/site/read-site.ts'
import { InputError } from '../errors.ts'
import { parseShard, type Shard } from '../input/shard.ts'
import type { DiskSelection } from '../verify/disk-selection.ts'
import type { TimeWindow } from '../verify/time-window.ts'
import {
  allOption,
  answerWithinOption,
  checkJudgingFlags,
  concurrencyOption,
  failOnOption,
  type JudgingFlags,
  maxAgeOption,
  parseAge,
} from './assessment-options.ts'
import { metricsOption } from './metrics-option.ts'
import { betweenOption, maxBytesPerSecondOption, refusing } from './reading-limits.ts'
import { runVerification } from './run-verification.ts'

interface Flags extends JudgingFlags {
  readonly depth: 'tables' | 'content'
  readonly shard?: Shard
  readonly results?: string
  readonly sample?: number
  readonly newest?: number
  readonly subset?: Shard
  readonly reverifyAfter: number
  readonly maxBytesPerSecond?: number
  readonly between?: TimeWindow
  readonly secrets?: string
  readonly asSite?: string
  readonly queue?: string
  readonly status?: true
  readonly concurrency: number
  readonly answerWithin: number
}

/** `verify`: reads every byte of targets, on one host or in shards, and goes on where it was interrupted. */
export function verifyCommand(): Command {
  return new Command('verify')
    .argument('[path...]', 'directories where targets are mounted; chains may cross them')
    .addOption(
      new Option('--depth <depth>', 'how much of each image to read').choices(['tables', 'content']).default('content'),
    )
    .option('--results <file>', 'keep what was read, and go on from there; outside of all targets')
    .addOption(
      new Option('--shard <n/count>', 'part of the VMs that this host reads, e.g. 1/4; see "merge"').argParser(
        refusing(parseShard),
      ),
    )
    .addOption(new Option('--sample <percent>', 'read a random part of the disks, e.g. 5%').argParser(parsePercent))
    .addOption(new Option('--newest <n>', 'read only the newest snapshots of each workload').argParser(parsePositive))
    .addOption(
      new Option('--subset <n/count>', 'read a part of the disks that is always the same, e.g. 3/30').argParser(
        refusing(parseShard),
      ),
    )
    .addOption(
      new Option('--reverify-after <duration>', 'read a disk again after this time, although its files are the same')
        .argParser(parseAgeOrNothing)
        .default(90 * 24 * 3_600_000, '90d'),
    )
    .addOption(maxBytesPerSecondOption())
    .addOption(betweenOption())
    .option('--secrets <dir>', 'directory with a file per secret, named by its id, to open encrypted disks')
    .option('--queue <url>', 'PostgreSQL database through which hosts share the work; see "worker"')
    .option('--status', 'print how far the verifications of a queue are, and end; requires --queue, and no PATH')
    .option('--as-site <file>', 'YAML file with the site to judge for (default: this host)')
    .addOption(maxAgeOption())
    .addOption(failOnOption())
    .addOption(concurrencyOption())
    .addOption(answerWithinOption())
    .addOption(allOption())
    .addOption(metricsOption())
    .option('--json', 'print NDJSON as "assess" does; for a shard, print one JSON object')
    .addHelpText(
      'after',
      `
Reads every byte of each disk through its chain, and compares it with the digest
where one was recorded. Nothing on a target is changed. With --results, Ctrl-C
loses nothing: the same command goes on. A disk is read again once any file of
its chain has changed, or after --reverify-after. If two readings of the same
files differ, the disk is unknown.

With --shard, each host reads the chains of some VMs, and "merge" judges the
results of all hosts together. A missing shard makes its disks unknown.

With --queue, hosts that run "worker" read slices of the targets, and this
command waits for them and judges. Ctrl-C stops only this command: workers go
on, and the same command waits again.

Examples:
  $ dr-drill verify /mnt/backup --results backup.ndjson
  $ dr-drill verify /mnt/backup --results backup.ndjson --between 22:00-06:00
  $ dr-drill verify /mnt/backup --shard 1/4 --results 1.ndjson     on one host
  $ dr-drill merge 1.ndjson 2.ndjson 3.ndjson 4.ndjson        later, anywhere
  $ dr-drill verify /mnt/backup --newest 1 --max-bytes-per-second 200M
  $ dr-drill verify /mnt/backup --queue postgres://dr@db/verify
  $ dr-drill verify --status --queue postgres://dr@db/verify
  $ dr-drill verify /mnt/backup --sample 5% --metrics verify.prom

Exit codes: 0 no failure of --fail-on, 1 failure of --fail-on, 2 wrong input,
3 unknown, or a share that does not answer, 130 interrupted. 1 wins over 3.`,
    )
    .action(run)
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  if (flags.status === true) {
    const url = queueOfStatus(paths, flags)
    const { printQueueStatus } = await import('./queue-status.ts')
    return await printQueueStatus(url, flags.json === true)
  }
  if (paths.length === 0)
    throw new InputError('a path is required', { remedy: 'Pass the directory where a target is mounted.' })
  checkJudgingFlags(flags)
  const { shard, results, asSite, secrets, metrics, maxAge, maxBytesPerSecond, between, queue } = flags
  if (shard !== undefined && results === undefined)
    throw new InputError('--shard requires --results', {
      remedy: 'Add --results FILE, and pass FILE to "merge" later.',
    })
  if (shard !== undefined && metrics !== undefined)
    throw new InputError('--shard cannot be combined with --metrics', { remedy: 'Pass --metrics to "merge".' })
  const request = {
    targets: paths.map((path) => resolve(path)),
    depth: flags.depth,
    concurrency: flags.concurrency,
    answerWithinMs: flags.answerWithin,
    failOn: flags.failOn,
    selection: selectionOf(flags),
    reverifyAfterMs: flags.reverifyAfter,
    isAll: flags.all === true,
    isJson: flags.json === true,
    ...(asSite !== undefined && { site: readSite(asSite) }),
    ...(shard && { shard }),
    ...(results !== undefined && { resultsPath: results }),
    ...(secrets !== undefined && { secrets }),
    ...(metrics !== undefined && { metrics }),
    ...(maxAge !== undefined && { maxAgeMs: maxAge }),
    ...(maxBytesPerSecond !== undefined && { maxBytesPerSecond }),
    ...(between && { between }),
  }
  if (queue === undefined) return await runVerification(request)
  refuseWithQueue({ shard, results, secrets, maxBytesPerSecond, between })
  // Most verifications do without a queue, and its client takes 0.1 s to load.
  const { runQueuedVerification } = await import('./run-queued-verification.ts')
  await runQueuedVerification({ ...request, queue })
}

/** @throws InputError if a path is given, or no queue */
function queueOfStatus(paths: readonly string[], { queue }: Flags): string {
  if (queue === undefined) throw new InputError('--status requires --queue', { remedy: 'Add --queue postgres://…' })
  if (paths.length > 0)
    throw new InputError('--status cannot be combined with a path', { remedy: `Remove ${paths[0]}.` })
  return queue
}

/** @throws InputError for options of the hosts that read */
function refuseWithQueue(flags: Readonly<Record<string, unknown>>): void {
  const [given] = Object.entries(flags).find(([, value]) => value !== undefined) ?? []
  if (given === undefined) return
  const name = given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new InputError(`--${name} cannot be combined with --queue`, {
    remedy: given === 'shard' || given === 'results' ? `Remove --${name}.` : `Pass --${name} to "worker".`,
  })
}

const selectionOf = ({ sample, newest, subset }: Flags): DiskSelection => ({
  seed: randomUUID(),
  ...(sample !== undefined && { sample }),
  ...(newest !== undefined && { newest }),
  ...(subset && { subset }),
})

function parsePercent(text: string): number {
  const percent = /^\d{1,3}(\.\d{1,3})?%$/.test(text) ? Number.parseFloat(text) : 0
  if (percent <= 0 || percent > 100) throw new InvalidArgumentError('It must be a percentage, e.g. 5%.')
  return percent / 100
}

function parsePositive(text: string): number {
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (count < 1) throw new InvalidArgumentError('It must be a number from 1 on.')
  return count
}

const parseAgeOrNothing = (text: string): number => (/^0[a-z]?$/.test(text) ? 0 : parseAge(text))
