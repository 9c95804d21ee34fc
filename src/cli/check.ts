import { Command } from 'commander'
import { asPlanned } from '../recovery/site/as-planned.ts'
import { checkNodes } from '../recovery/site/check.ts'
import { makePlan } from '../recovery/site/plan.ts'
import { loadPlan } from '../recovery/site/plan-file.ts'
import { describeCheck } from '../recovery/site/text.ts'
import { onInterrupt } from '../run/interrupts.ts'
import { addSiteOptions, openTeam, type SiteFlags } from './site-options.ts'

interface Flags extends SiteFlags {
  readonly plan?: string
  readonly json?: true
}

/** `check`: do all origin paths resolve? */
export function checkCommand(): Command {
  return addSiteOptions(new Command('check'))
    .description('look whether all nodes have the same targets, and origin paths lead to them, for the service too')
    .option('--plan <file>', 'the origin paths of this plan, instead of reading what the images name')
    .option('--json', 'one JSON object on standard output')
    .addHelpText(
      'after',
      `
Changes nothing; with --plan no images are listed either. For cron and monitoring, after a reboot, for a new compute.

Examples:
  $ dr-drill check --inventory site.yaml --plan plan.json
  $ dr-drill check /var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==

Exit codes: 0 all is there, 1 something is missing or wrong, 2 wrong input, 3 it could not be told. 1 wins over 3.`,
    )
    .action(run)
}

async function run(targets: readonly string[], { plan: file, json, ...flags }: Flags): Promise<void> {
  const interrupted = new AbortController()
  const { signal } = interrupted
  using _interrupts = onInterrupt({ first: (error) => interrupted.abort(error), second: () => process.exit(130) })
  const kept = file === undefined ? undefined : loadPlan(file)
  const called = kept === undefined ? { ...flags, targets } : asPlanned(kept, { ...flags, targets })
  await using team = openTeam(called.targets, called)
  const request = { strategy: 'bind-mount', persist: false, nowMs: Date.now(), signal } as const
  // A rebase leaves no origin path that is needed, or a new one: then the images have to be asked.
  const plan = kept?.strategy === 'bind-mount' ? kept : (await makePlan(team, request)).plan
  const resolutions = await checkNodes(team, plan, signal)
  process.stdout.write(json ? `${JSON.stringify({ resolutions })}\n` : describeCheck(resolutions))
  const states = new Set(resolutions.map(({ state }) => state))
  process.exitCode = states.has('missing') || states.has('wrong') ? 1 : states.has('unknown') ? 3 : 0
}
