import { Command, Option } from 'commander'
import { readSecrets } from '../recovery/images/secrets.ts'
import { describePlan, planSentence } from '../recovery/site/describe-plan.ts'
import { makePlan } from '../recovery/site/make-plan.ts'
import { savePlan } from '../recovery/site/plan-file.ts'
import { planMountUnits } from '../recovery/site/plan-mount-units.ts'
import { planScript } from '../recovery/site/plan-script.ts'
import { isDone, isInDoubt, type RecoveryPlan, whyUnchanged } from '../recovery/site/recovery-plan.ts'
import { defaultStrategy } from '../recovery/strategy/index.ts'
import { interruptible } from '../run/interrupts.ts'
import { printableJson } from '../text/printable.ts'
import { RateLine } from '../text/rate-line.ts'
import { closing, type Style, styleOf } from '../text/style.ts'
import { printSecretNotes } from './secret-notes.ts'
import { addPlanOptions, addSiteOptions, commandForSite, openSite, type SiteFlags } from './site-options.ts'

interface Flags extends SiteFlags {
  readonly strategy?: string
  readonly persist?: true
  readonly allowBase?: readonly string[]
  readonly secrets?: string
  readonly out?: string
  readonly script?: true
  readonly units?: true
  readonly json?: true
}

/** `plan`: what a site needs before its restores work. */
export function planCommand(): Command {
  return addPlanOptions(addSiteOptions(new Command('plan')))
    .option('--out <file>', 'save the plan for recover --plan')
    .addOption(
      new Option('--script', 'print a shell script with the commands of the documented procedure').conflicts([
        'units',
        'json',
      ]),
    )
    .addOption(
      new Option('--units', 'print systemd units for shares that the product mounts on demand').conflicts('json'),
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  $ dr-drill plan /var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==
  $ dr-drill plan --inventory site.yaml --persist --out plan.json
  $ dr-drill plan --inventory site.yaml --script >prepare.sh
  $ dr-drill plan --inventory site.yaml --strategy rebase

Exit codes: 0 nothing to do, 1 changes needed or refused, 2 wrong input,
3 unknown, 130 interrupted.`,
    )
    .action(run)
}

async function run(targets: readonly string[], flags: Flags): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  using line = new RateLine(process.stderr, 'images')
  await using hosts = openSite(targets, flags, signal)
  const { strategy = defaultStrategy.name, persist = false } = flags
  const secrets = flags.secrets === undefined ? undefined : readSecrets(flags.secrets)
  const { plan, images } = await makePlan(hosts, {
    strategy,
    persist,
    ...(flags.allowBase && { allowedBases: flags.allowBase }),
    ...(secrets && { secrets }),
    nowMs: Date.now(),
    signal,
    onProgress: (images) => line.update(images),
  })
  line.end()
  printSecretNotes(images, secrets)
  if (flags.out !== undefined) savePlan(flags.out, plan)
  if (flags.json) process.stdout.write(`${printableJson(plan)}\n`)
  else if (flags.script) process.stdout.write(planScript(plan))
  else if (flags.units) process.stdout.write(planMountUnits(plan, flags.allowBase))
  else
    process.stdout.write(`${reportOf(plan, styleOf(process.stdout), nextCommands(plan, targets, flags)).join('\n')}\n`)
  process.exitCode = planExitCode(plan)
}

/** The plan for people, and what to do next. */
export function reportOf(plan: RecoveryPlan, style: Style, next: readonly string[] = []): readonly string[] {
  const mark = { 0: 'passed', 1: 'failed', 3: 'unknown' } as const
  return [...describePlan(plan, style), ...closing(style, mark[planExitCode(plan)], planSentence(plan), next)]
}

export function planExitCode(plan: RecoveryPlan): 0 | 1 | 3 {
  if (isInDoubt(plan)) return 3
  return isDone(plan) ? 0 : 1
}

function nextCommands(plan: RecoveryPlan, targets: readonly string[], flags: Flags): readonly string[] {
  if (whyUnchanged(plan) !== undefined && !isDone(plan)) return []
  const { out, strategy, persist, secrets, allowBase } = flags
  if (out !== undefined) {
    const { inventory, sshConfig } = flags
    const site = { ...(inventory !== undefined && { inventory }), ...(sshConfig !== undefined && { sshConfig }) }
    return [commandForSite('recover', [], site, { plan: out, secrets, 'allow-base': allowBase })]
  }
  return [commandForSite('recover', targets, flags, { strategy, persist, secrets, 'allow-base': allowBase })]
}
