import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { openContentReader } from '../content/open-reader.ts'
import { ownVersion } from '../project/package.ts'
import { interruptible } from '../run/interrupts.ts'
import { counted } from '../text/plural.ts'
import { byteUnit, RateLine } from '../text/rate-line.ts'
import { openQueue } from '../verify/queue/open.ts'
import { work } from '../verify/queue/read-slices.ts'
import type { TimeWindow } from '../verify/time-window.ts'
import { answerWithinOption, concurrencyOption } from './assessment-options.ts'
import { betweenOption, maxBytesPerSecondOption, pacedReader, waitForWindow } from './reading-limits.ts'

interface Flags {
  readonly queue: string
  readonly drain?: true
  readonly secrets?: string
  readonly maxBytesPerSecond?: number
  readonly between?: TimeWindow
  readonly concurrency: number
  readonly answerWithin: number
}

/** `worker`: reads slices of the targets that are mounted on this host. */
export function workerCommand(): Command {
  return new Command('worker')
    .argument('<path...>', 'directories where the targets of the verification are mounted on this host')
    .addOption(
      new Option('--queue <url>', 'PostgreSQL database of the verification')
        .env('DR_DRILL_QUEUE')
        .makeOptionMandatory(),
    )
    .option('--drain', 'end when the queue has no slice left (default: wait for more)')
    .option('--secrets <dir>', 'directory with a file per secret, named by its id, to open encrypted disks')
    .addOption(maxBytesPerSecondOption())
    .addOption(betweenOption())
    .addOption(concurrencyOption())
    .addOption(answerWithinOption())
    .addHelpText(
      'after',
      `
Takes slices of a verification from the queue, reads their disks, and keeps each
result in the database. The target must be the one that the verification reads,
not a copy of it. A slice of a worker that is killed goes to another one after a
minute. Nothing on a target is changed.

Examples:
  $ dr-drill worker /mnt/backup --queue postgres://dr@db/verify
  $ dr-drill worker /mnt/backup --queue postgres://dr@db/verify --drain
  $ dr-drill worker /mnt/backup --max-bytes-per-second 200M

PGPASSWORD or ~/.pgpass can hold the password, and DR_DRILL_QUEUE the address.

Exit codes: 0 no slice left (--drain), 2 wrong input, 3 the database or a target
failed, 130 interrupted.`,
    )
    .action(run)
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  const { queue: url, secrets, between, maxBytesPerSecond, concurrency, answerWithin } = flags
  const reader = await openContentReader({
    stallMs: answerWithin,
    ...(secrets !== undefined && { secretsFolder: resolve(secrets) }),
  })
  using line = new RateLine(process.stderr, byteUnit)
  await using queue = await openQueue(url, (text) => line.print(text))
  let bytesRead = 0
  const slices = await work(
    {
      targets: paths.map((path) => resolve(path)),
      concurrency,
      answerWithinMs: answerWithin,
      readContent: pacedReader(reader, maxBytesPerSecond),
      tool: ownVersion(),
      host: hostname(),
      isEndingWhenEmpty: flags.drain === true,
      ...(between && { untilOpen: (until: AbortSignal) => waitForWindow(between, (text) => line.print(text), until) }),
    },
    queue,
    {
      onIdle: () => line.print('waiting for slices'),
      onGivenBack: (why) => line.print(`gave the slice back: ${why}`),
      onSlice: (disks) => line.print(`reading a slice of ${counted(disks, 'disk')}`),
      onBytes: (bytes) => {
        bytesRead += bytes
        line.update(bytesRead)
      },
    },
    signal,
  )
  line.end()
  process.stdout.write(`${counted(slices, 'slice was', 'slices were')} read\n`)
}
