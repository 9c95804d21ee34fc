import { once } from 'node:events'
import { resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { Command, Option } from 'commander'
import { assess } from '../assess/assess.ts'
import type { FailOn } from '../assess/judge/assessment-summary.ts'
import type { ReadContent } from '../assess/judge/content-port.ts'
import { readSite } from '../assess/site/read-site.ts'
import type { SiteDescription } from '../assess/site/site-description.ts'
import { assessmentText } from '../assess/text/assessment-text.ts'
import { openContentReader } from '../content/open-reader.ts'
import { InputError } from '../errors.ts'
import { parseDurationMs } from '../input/parse-duration.ts'
import { onInterrupt } from '../run/interrupts.ts'
import { printableJson } from '../text/printable.ts'
import { RateLine } from '../text/rate-line.ts'
import { styleOf } from '../text/style.ts'

interface Flags extends Omit<SiteDescription, 'name' | 'shares' | 'binds'> {
  readonly asSite?: string
  readonly share?: readonly string[]
  readonly depth: 'headers' | 'tables' | 'content'
  readonly secrets?: string
  readonly workload?: string
  readonly project?: string
  readonly vm?: string
  readonly maxAge?: number
  readonly failOn: readonly FailOn[]
  readonly concurrency: number
  readonly answerWithin: number
  readonly all?: true
  readonly json?: true
}

const failures: readonly FailOn[] = ['broken', 'needs-recovery', 'stale']
const collect = (share: string, shares: readonly string[] = []): readonly string[] => [...shares, share]

/** `assess`: what is restorable from a target, where, and what it takes. */
export function assessCommand(): Command {
  return new Command('assess')
    .description('say of every disk of every snapshot whether it is restorable, where, and what it takes')
    .argument('<path...>', 'where targets are mounted; chains are followed across all of them')
    .option('--distribution <name>', 'judge for a site of this distribution …')
    .option('--version <version>', '… in this version of the product')
    .addOption(new Option('--rule <rule>', "how the site's mount paths are encoded").choices(['share', 'export']))
    .option('--base <dir>', "the site's base directory")
    .option('--share <share>', 'what the site mounts, once for each PATH in order (default: what is mounted)', collect)
    .option('--as-site <file>', 'YAML with all of that: distribution, version, rule, base, shares, binds')
    .addOption(
      new Option('--depth <depth>', 'how closely images are looked at')
        .choices(['headers', 'tables', 'content'])
        .default('tables'),
    )
    .option('--secrets <dir>', 'for encrypted disks at depth content: a file for each secret, named as its id')
    .option('--workload <id|name>', 'only this one')
    .option('--project <id>', 'only workloads of this project')
    .option('--vm <id|name>', 'only disks of this VM')
    .option('--max-age <duration>', 'the newest restorable snapshot may be so old, like 24h', parseAge)
    .addOption(
      new Option('--fail-on <list>', `of ${failures.join(', ')}: what ends with exit code 1`)
        .argParser(parseFailOn)
        .default(['broken'], 'broken'),
    )
    .option('--concurrency <n>', 'requests under way at once, where each takes its time', parseCount, 16)
    .addOption(
      new Option('--answer-within <duration>', 'give up a share that does not answer for so long')
        .argParser(parseAge)
        .default(30_000, '30s'),
    )
    .option('--all', 'list every workload, not only those that need attention')
    .option('--json', 'NDJSON on standard output: a record of each image, then the summary')
    .addHelpText(
      'after',
      `
Nothing on a target is changed, and no name that is found in an image is ever opened. Without a site it is judged for
this host, by its mount table. Restorable means that all images of a chain are there, are what the records say, and are
found by the names in them; with --depth content (needs qemu-nbd) that every byte can be read, and is what was backed up
wherever a digest was recorded.

Examples:
  $ dr-drill assess /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=
  $ dr-drill assess /mnt/replica --distribution kolla --version 4.3 --share 10.20.2.20:/replica
  $ dr-drill assess /mnt/a /mnt/b --as-site recovery.yaml            chains that go on in another target
  $ dr-drill assess /mnt/a --workload web --vm web-1
  $ dr-drill assess /mnt/a --depth content --secrets /root/secrets   reads every disk to its end
  $ dr-drill assess /mnt/a --max-age 24h --fail-on broken,stale      for a monitoring system
  $ dr-drill assess /mnt/a --json | grep '"state":"broken"'

Exit codes: 0 as asked for, 1 a failure of --fail-on was found, 2 wrong input, 3 not judged: something is unknown, or a
share stopped answering (what was found is shown all the same), 130 interrupted. 1 wins over 3.`,
    )
    .action(run)
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  // What was read is garbage as soon as it is judged: it is collected rather than that a big target fills the memory.
  setFlagsFromString('--optimize-for-size')
  // Compiling for the last few percent takes processors that the reading threads need.
  setFlagsFromString('--no-turbofan')
  const site = siteOf(flags)
  if (flags.failOn.includes('stale') && flags.maxAge === undefined)
    throw new InputError('--fail-on stale: how old is stale?', { remedy: 'Say --max-age, like 24h.' })
  const interrupted = new AbortController()
  using _interrupts = onInterrupt({ first: (error) => interrupted.abort(error), second: () => process.exit(130) })
  const readContent = await contentReaderOf(flags)
  const { depth, concurrency, answerWithin, workload, project, vm, maxAge, failOn, all, json } = flags
  using line = new RateLine(process.stderr, depth === 'content' ? 'MiB of content' : 'images')
  const inMib = (bytes: number) => Math.round(bytes / 2 ** 20)
  const summary = await assess(
    {
      targets: paths.map((path) => resolve(path)),
      depth,
      concurrency,
      answerWithinMs: answerWithin,
      nowMs: Date.now(),
      failOn,
      ...(site && { site }),
      ...(readContent && { readContent }),
      ...(workload !== undefined && { workload }),
      ...(project !== undefined && { project }),
      ...(vm !== undefined && { vm }),
      ...(maxAge !== undefined && { maxAgeMs: maxAge }),
    },
    {
      ...(depth === 'content'
        ? { onContent: (done, total) => line.update(inMib(done), inMib(total)) }
        : { onProgress: (done, total) => line.update(done, total) }),
      ...(json && { onImage: (record: object) => print(`${printableJson(record)}\n`) }),
    },
    interrupted.signal,
  )
  line.end()
  await print(
    json
      ? `${printableJson({ kind: 'summary', ...summary })}\n`
      : assessmentText(summary, { style: styleOf(process.stdout), isAll: all === true }),
  )
  process.exitCode = summary.exitCode
}

async function contentReaderOf({ depth, secrets, answerWithin }: Flags): Promise<ReadContent | undefined> {
  if (depth === 'content')
    return openContentReader({
      stallMs: answerWithin,
      ...(secrets !== undefined && { secretsFolder: resolve(secrets) }),
    })
  if (secrets !== undefined) throw new InputError('--secrets is for --depth content')
  return undefined
}

/** Waits where whoever reads is slower. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

function siteOf({ asSite, distribution, version, rule, base, share }: Flags): SiteDescription | undefined {
  const said: SiteDescription = {
    ...(distribution !== undefined && { distribution }),
    ...(version !== undefined && { version }),
    ...(rule !== undefined && { rule }),
    ...(base !== undefined && { base }),
    ...(share !== undefined && { shares: share }),
  }
  if (asSite !== undefined) return { ...readSite(asSite), ...said }
  return Object.keys(said).length > 0 ? said : undefined
}

function parseAge(text: string): number {
  const ms = parseDurationMs(text)
  if (ms === undefined) throw new InputError(`must be a duration like 90s, 15m or 24h, not ${JSON.stringify(text)}`)
  return ms
}

function parseCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (count < 1 || count > 1024) throw new InputError(`--concurrency: from 1 to 1024, not ${JSON.stringify(text)}`)
  return count
}

function parseFailOn(text: string): readonly FailOn[] {
  return text.split(',').map((word) => {
    const known = failures.find((failure) => failure === word.trim())
    if (known === undefined) throw new InputError(`--fail-on: ${failures.join(', ')}, not ${JSON.stringify(word)}`)
    return known
  })
}
