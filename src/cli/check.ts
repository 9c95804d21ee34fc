import { Command } from 'commander'
import { checkMetrics } from '../metrics/check-metrics.ts'
import { asPlanned, requirePlannedSite } from '../recovery/site/as-planned.ts'
import { checkAnew, surveyNeeds } from '../recovery/site/check-anew.ts'
import { checkNodes, type Resolution } from '../recovery/site/check-nodes.ts'
import { describeCheck } from '../recovery/site/describe-results.ts'
import { requireNeedsOfImages } from '../recovery/site/missing-needs.ts'
import { loadPlan } from '../recovery/site/plan-file.ts'
import type { RecoveryPlan } from '../recovery/site/recovery-plan.ts'
import type { SiteHosts } from '../recovery/site/site-hosts.ts'
import { strategyNamed } from '../recovery/strategy/index.ts'
import { interruptible } from '../run/interrupts.ts'
import { counted } from '../text/plural.ts'
import { printableJson } from '../text/printable.ts'
import { closing, type Style, styleOf } from '../text/style.ts'
import { metricsOption, openMonitoring, publishResult } from './metrics-option.ts'
import { addSiteOptions, commandForSite, openSite, type SiteFlags } from './site-options.ts'

interface Flags extends SiteFlags {
  readonly plan?: string
  readonly json?: true
  readonly metrics?: string
}

/** `check`: whether all origin paths resolve. */
export function checkCommand(): Command {
  return addSiteOptions(new Command('check'))
    .option('--plan <file>', 'saved plan with the origin paths (default: read the images)')
    .addOption(metricsOption())
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Changes nothing. With --plan, it lists no images: it reads those that the plan
names, and refuses a plan without an origin path that they need. Use it for
monitoring, after a reboot, or for a new compute node. If the plan was made
with --persist, it checks that fstab keeps the binds over reboots.

Examples:
  $ dr-drill check --inventory site.yaml --plan plan.json
  $ dr-drill check /var/triliovault-mounts/MTAuMjAuMi4yMDovcmVwbGljYQ==

Exit codes: 0 all paths correct, 1 path missing, wrong, unreadable or not
kept, 2 wrong input, 3 unknown, 130 interrupted. 1 wins over 3.`,
    )
    .action(run)
}

async function run(targets: readonly string[], { plan: file, json, metrics, ...flags }: Flags): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  const monitoring = openMonitoring(metrics)
  const saved = file === undefined ? undefined : loadPlan(file)
  const options = saved === undefined ? { ...flags, targets } : asPlanned(saved, { ...flags, targets })
  await using hosts = openSite(options.targets, options, signal)
  if (saved !== undefined) requirePlannedSite(saved, hosts)
  const resolutions = await (saved === undefined ? checkAnew(hosts, { signal }) : checkPlanned(hosts, saved, signal))
  const states = new Set(resolutions.map(({ state }) => state))
  const exitCode = bad.some((state) => states.has(state)) ? 1 : states.has('unknown') || states.size === 0 ? 3 : 0
  const style = styleOf(process.stdout)
  const next = exitCode === 1 ? [commandForSite('plan', targets, flags)] : []
  const lines = [...describeCheck(resolutions, style), '', ...closingOf(resolutions, style, next)]
  process.stdout.write(json ? `${printableJson({ resolutions })}\n` : `${lines.join('\n')}\n`)
  const gauges = () => checkMetrics({ site: hosts.site, resolutions, exitCode, nowMs: Date.now() })
  process.exitCode = await publishResult(monitoring, { gauges, exitCode })
}

const bad = ['missing', 'wrong', 'unreadable', 'not kept'] as const

async function checkPlanned(
  hosts: SiteHosts,
  saved: RecoveryPlan,
  signal: AbortSignal,
): Promise<readonly Resolution[]> {
  if (stillHolds(saved)) await requireNeedsOfImages(hosts, saved, signal)
  const needs = stillHolds(saved) ? saved : { ...(await surveyNeeds(hosts, { signal })), expected: saved.expected }
  return await checkNodes(hosts, needs, signal)
}

/** `missing or wrong`, or what else is found. */
function wordsFor(resolutions: readonly Resolution[]): string {
  const states = new Set(resolutions.map(({ state }) => state))
  const here = states.has('missing') || states.has('wrong') ? ['missing or wrong'] : []
  if (states.has('unreadable')) here.push('unreadable')
  return [...here, ...(states.has('not kept') ? ['not kept over reboots'] : [])].join(', or ')
}

/** A strategy that writes to the images leaves other names in them than the plan has. */
function stillHolds({ strategy }: RecoveryPlan): boolean {
  return strategyNamed(strategy).imagesAfter === undefined
}

function closingOf(resolutions: readonly Resolution[], style: Style, next: readonly string[]): readonly string[] {
  const count = (...states: readonly Resolution['state'][]) =>
    resolutions.filter(({ state }) => states.includes(state)).length
  const [failed, unknown] = [count(...bad), count('unknown')]
  const nodes = new Set(resolutions.map(({ where }) => where)).size
  if (resolutions.length === 0) return closing(style, 'unknown', 'Nothing was checked.')
  if (failed + unknown === 0) return closing(style, 'passed', `All paths resolve on ${counted(nodes, 'node')}.`)
  const doubt = unknown === 0 ? '' : `${failed === 0 ? '' : ', and '}${unknown} unknown`
  const missing = failed === 0 ? '' : `${counted(failed, 'path')} ${wordsFor(resolutions)}`
  return closing(style, failed > 0 ? 'failed' : 'unknown', `${missing}${doubt}.`, next)
}
