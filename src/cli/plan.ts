import { Command, Option } from 'commander'
import { isDone, isInDoubt, makePlan, type RecoveryPlan, type Strategy } from '../recovery/site/plan.ts'
import { savePlan } from '../recovery/site/plan-file.ts'
import { planScript } from '../recovery/site/plan-script.ts'
import { planUnits } from '../recovery/site/plan-units.ts'
import { readSecrets } from '../recovery/site/secrets.ts'
import { describePlan } from '../recovery/site/text.ts'
import { onInterrupt } from '../run/interrupts.ts'
import { RateLine } from '../text/rate-line.ts'
import { addSiteOptions, openTeam, type SiteFlags } from './site-options.ts'

interface Flags extends SiteFlags {
  readonly strategy?: Strategy
  readonly persist?: true
  readonly secrets?: string
  readonly out?: string
  readonly script?: true
  readonly units?: true
  readonly json?: true
}

export const strategyOption = (): Option =>
  new Option(
    '--strategy <strategy>',
    'bind each origin path on every node (default), or rewrite the names in the images',
  ).choices(['bind-mount', 'rebase'])

/** `plan`: what a site needs before its restores work. */
export function planCommand(): Command {
  return addSiteOptions(new Command('plan'))
    .description('say what a site needs before its restores work, and change nothing')
    .addOption(strategyOption())
    .option('--persist', 'binds are to last over reboots: by a line in /etc/fstab')
    .option('--secrets <dir>', 'for encrypted images to rebase: a file for each secret, named as its id')
    .option('--out <file>', 'keep the plan for recover --plan')
    .addOption(
      new Option(
        '--script',
        'a shell script with the commands of the documented procedure, to review and run by hand',
      ).conflicts(['units', 'json']),
    )
    .addOption(new Option('--units', 'units of systemd for shares that the product mounts itself').conflicts('json'))
    .option('--json', 'one JSON object on standard output')
    .addHelpText(
      'after',
      `
Examples:
  $ dr-drill plan /var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==        this host
  $ dr-drill plan --inventory site.yaml --persist --out plan.json             all hosts of a site
  $ dr-drill plan --inventory site.yaml --script >prepare.sh
  $ dr-drill plan --inventory site.yaml --strategy rebase

Exit codes: 0 there is nothing to do, 1 there is something to do, 2 wrong input, 3 it could not be told.`,
    )
    .action(run)
}

async function run(targets: readonly string[], flags: Flags): Promise<void> {
  const interrupted = new AbortController()
  using _interrupts = onInterrupt({ first: (error) => interrupted.abort(error), second: () => process.exit(130) })
  using line = new RateLine(process.stderr, 'images')
  await using team = openTeam(targets, flags)
  const { strategy = 'bind-mount', persist = false } = flags
  const onProgress = (images: number) => line.update(images)
  const secrets = flags.secrets === undefined ? undefined : readSecrets(flags.secrets)
  const request = {
    strategy,
    persist,
    ...(secrets && { secrets }),
    nowMs: Date.now(),
    signal: interrupted.signal,
    onProgress,
  }
  const { plan } = await makePlan(team, request)
  line.end()
  if (flags.out !== undefined) savePlan(flags.out, plan)
  if (flags.json) process.stdout.write(`${JSON.stringify(plan)}\n`)
  else if (flags.script) process.stdout.write(planScript(plan))
  else if (flags.units) process.stdout.write(planUnits(plan))
  else process.stdout.write(describePlan(plan))
  process.exitCode = exitCodeOf(plan)
}

export const exitCodeOf = (plan: RecoveryPlan): number => (isInDoubt(plan) ? 3 : isDone(plan) ? 0 : 1)
