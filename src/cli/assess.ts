import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { readSite } from '../assess/site/read-site.ts'
import type { SiteDescription } from '../assess/site/site-description.ts'
import {
  allOption,
  answerWithinOption,
  checkJudgingFlags,
  concurrencyOption,
  failOnOption,
  type JudgingFlags,
  maxAgeOption,
} from './assessment-options.ts'
import { metricsOption } from './metrics-option.ts'
import { repeated } from './repeatable.ts'
import { runAssessment } from './run-assessment.ts'

interface Flags extends Omit<SiteDescription, 'name' | 'shares' | 'binds'>, JudgingFlags {
  readonly asSite?: string
  readonly share?: readonly string[]
  readonly depth: 'headers' | 'tables' | 'content'
  readonly secrets?: string
  readonly record?: string
  readonly workload?: string
  readonly project?: string
  readonly vm?: string
  readonly concurrency: number
  readonly answerWithin: number
}

/** `assess`: what can be restored from targets, where, and what is missing. */
export function assessCommand(): Command {
  return new Command('assess')
    .argument('<path...>', 'directories where targets are mounted; chains may cross them')
    .option('--distribution <name>', 'distribution of the site to judge for (default: this host)')
    .option('--version <version>', 'version of the product there; required with --distribution')
    .addOption(new Option('--rule <rule>', 'part of a share that its mount path encodes').choices(['share', 'export']))
    .option('--base <dir>', 'base directory of the mount paths')
    .option(
      '--share <share>',
      'share or S3 bucket that the site mounts, once per PATH in order (default: those mounted here)',
      repeated,
    )
    .option('--as-site <file>', 'YAML file with distribution, version, rule, base, shares and binds')
    .addOption(
      new Option('--depth <depth>', 'how much of each image to read')
        .choices(['headers', 'tables', 'content'])
        .default('tables'),
    )
    .option(
      '--secrets <dir>',
      'directory with a file per secret, named by its id; --depth content opens disks with them',
    )
    .option('--record <file>', 'compare with what was read before, and add what is read now; outside of all targets')
    .option('--workload <id|name>', 'assess only this workload')
    .option('--project <id>', 'assess only the workloads of this project')
    .option('--vm <id|name>', 'assess only the disks of this VM')
    .addOption(maxAgeOption())
    .addOption(failOnOption())
    .addOption(concurrencyOption())
    .addOption(answerWithinOption())
    .addOption(allOption())
    .addOption(metricsOption())
    .option('--json', 'print NDJSON: a record for each image and workload, then the summary')
    .addHelpText(
      'after',
      `
Nothing on a target is changed, and no file that an image names is opened. A
disk is restorable if all images of its chain exist, match the records, and are
found by the names in them. --depth content (requires qemu-nbd) also reads every
byte, and compares it with the digest where one was recorded.

Examples:
  $ dr-drill assess /var/triliovault-mounts/MTAuMTAuMi4yMDovdXBzdHJlYW0=
  $ dr-drill assess /mnt/a --distribution kolla --version 4.3 --share nas:/a
  $ dr-drill assess /mnt/a /mnt/b --as-site site.yaml    chains across targets
  $ dr-drill assess /mnt/a --workload web --vm web-1
  $ dr-drill assess /mnt/a --depth content               every byte of all disks
  $ dr-drill assess /mnt/a --depth content --record a.ndjson    what has changed
  $ dr-drill assess /mnt/a --max-age 3d --fail-on broken,stale
  $ dr-drill assess /mnt/a --metrics /var/lib/node_exporter/dr-drill-assess.prom
  $ dr-drill assess /mnt/a --json | grep '"state":"broken"'

Exit codes: 0 no failure of --fail-on, 1 failure of --fail-on, 2 wrong input,
3 unknown, or a share that does not answer, 130 interrupted. 1 wins over 3.`,
    )
    .action(run)
}

async function run(paths: readonly string[], flags: Flags): Promise<void> {
  const site = siteOf(flags)
  checkJudgingFlags(flags)
  const {
    depth,
    concurrency,
    answerWithin,
    workload,
    project,
    vm,
    maxAge,
    failOn,
    all,
    json,
    secrets,
    record,
    metrics,
  } = flags
  await runAssessment({
    targets: paths.map((path) => resolve(path)),
    depth,
    concurrency,
    answerWithinMs: answerWithin,
    failOn,
    isAll: all === true,
    isJson: json === true,
    ...(site && { site }),
    ...(secrets !== undefined && { secrets }),
    ...(record !== undefined && { record }),
    ...(metrics !== undefined && { metrics }),
    ...(workload !== undefined && { workload }),
    ...(project !== undefined && { project }),
    ...(vm !== undefined && { vm }),
    ...(maxAge !== undefined && { maxAgeMs: maxAge }),
  })
}

function siteOf({ asSite, distribution, version, rule, base, share }: Flags): SiteDescription | undefined {
  const described: SiteDescription = {
    ...(distribution !== undefined && { distribution }),
    ...(version !== undefined && { version }),
    ...(rule !== undefined && { rule }),
    ...(base !== undefined && { base }),
    ...(share !== undefined && { shares: share }),
  }
  if (asSite !== undefined) return { ...readSite(asSite), ...described }
  return Object.keys(described).length > 0 ? described : undefined
}
