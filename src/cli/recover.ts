import { createInterface } from 'node:readline/promises'
import { Command, Option } from 'commander'
import { InputError } from '../errors.ts'
import { type AsPlanned, asPlanned } from '../recovery/site/as-planned.ts'
import { makePlan, type Planned, type Strategy, whyUnchanged } from '../recovery/site/plan.ts'
import { loadPlan, whatMoved } from '../recovery/site/plan-file.ts'
import { Records } from '../recovery/site/record.ts'
import { type NodeResult, recover } from '../recovery/site/recover.ts'
import { readSecrets, type Secrets } from '../recovery/site/secrets.ts'
import { lookAtTakingBack, takeBack } from '../recovery/site/take-back.ts'
import type { Team } from '../recovery/site/team.ts'
import { describePlan, describeResults, describeTakeBack } from '../recovery/site/text.ts'
import { wouldChange, wouldStay } from '../recovery/site/to-take-back.ts'
import type { Thoroughness } from '../recovery/site/verify.ts'
import { onInterrupt } from '../run/interrupts.ts'
import { exitCodeOf, strategyOption } from './plan.ts'
import { addSiteOptions, openTeam, type SiteFlags } from './site-options.ts'

interface Flags extends SiteFlags {
  readonly strategy?: Strategy
  readonly persist?: true
  readonly plan?: string
  readonly secrets?: string
  readonly yes?: true
  readonly dryRun?: true
  readonly undo?: true
  readonly verify: Thoroughness
  readonly concurrency: string
  readonly records?: string
  readonly json?: true
}

/** `recover`: carries a plan out, and restores from every node. */
export function recoverCommand(): Command {
  return addSiteOptions(new Command('recover'))
    .description('prepare the nodes of a site for restores, and prove it by restoring; or take that back')
    .addOption(strategyOption())
    .option('--persist', 'binds are to last over reboots: by a line in /etc/fstab')
    .option('--secrets <dir>', 'for encrypted images to rebase: a file for each secret, named as its id')
    .option('--plan <file>', 'carry out this plan, with what it was made with, if all is still as it was')
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('-y, --yes', 'do not ask before the first change')
    .addOption(
      new Option('--verify <which>', 'chains that are read to their end on every node afterwards')
        .choices(['none', 'sample', 'all'])
        .default('sample'),
    )
    .option('--undo', 'take back all that was done at this site')
    .option('--records <dir>', 'where what is done is recorded (default: $XDG_STATE_HOME/dr-drill/recoveries)')
    .option('--concurrency <n>', 'images that are rebased at once', '4')
    .option('--json', 'one JSON object on standard output')
    .addHelpText(
      'after',
      `
What is done is recorded on this machine first. Carried out again, it finishes what was interrupted; --undo, also by
another process on another day, takes back exactly what was done; --dry-run shows what either comes to. A chain is proven by reading it by the names in its
images and comparing that, to the last byte, with what lies on the target; as the product's user, where its service runs.

Examples:
  $ dr-drill recover --inventory site.yaml --dry-run
  $ dr-drill recover --inventory site.yaml --persist --yes
  $ dr-drill recover --inventory site.yaml --plan plan.json --verify all
  $ dr-drill recover --inventory site.yaml --undo

Exit codes: 0 every node restores, 1 one does not, 2 wrong input, 3 it could not be told. 1 wins over 3.
With --dry-run those of dr-drill plan; with --undo 0 where all of it can be taken back.`,
    )
    .action(run)
}

async function run(targets: readonly string[], flags: Flags): Promise<void> {
  const interrupted = new AbortController()
  const { signal } = interrupted
  using _interrupts = onInterrupt({ first: (error) => interrupted.abort(error), second: () => process.exit(130) })
  const people = flags.json ? process.stderr : process.stdout
  const kept = flags.plan === undefined ? undefined : loadPlan(flags.plan)
  const { strategy = 'bind-mount', persist = false } = flags
  const called = kept === undefined ? { ...flags, targets, strategy, persist } : asPlanned(kept, { ...flags, targets })
  const secrets = flags.secrets === undefined ? undefined : readSecrets(flags.secrets)
  const concurrency = parseCount(flags.concurrency)
  await using team = openTeam(called.targets, called)
  const options = {
    records: new Records(flags.records),
    thoroughness: flags.verify,
    concurrency,
    ...(secrets && { secrets }),
    nowMs: Date.now(),
    signal,
    say: (where: string, line: string) => void people.write(`${where}: ${line}\n`),
  }
  let results: readonly NodeResult[]
  if (flags.undo) {
    const nodes = await lookAtTakingBack(team, options)
    if (flags.dryRun) process.exitCode = nodes.some(wouldStay) ? 1 : nodes.some(({ unknown }) => unknown) ? 3 : 0
    if (flags.dryRun && flags.json) return say({ toTakeBack: nodes })
    people.write(describeTakeBack(nodes))
    if (flags.dryRun) return
    if (nodes.some(wouldChange)) await confirm(`Take this back at ${team.site}?`, flags)
    results = await takeBack(team, options)
  } else {
    const planned = await planNow(team, called, kept, signal, secrets)
    if (flags.dryRun) process.exitCode = exitCodeOf(planned.plan)
    if (flags.dryRun && flags.json) return say({ plan: planned.plan })
    people.write(describePlan(planned.plan))
    if (flags.dryRun) return
    if (whyUnchanged(planned.plan) === undefined) await confirm(`Carry this out at ${team.site}?`, flags)
    results = await recover(team, planned.plan, planned.images, options)
  }
  if (flags.json) say({ results })
  else process.stdout.write(describeResults(results))
  const states = new Set(results.map(({ state }) => state))
  process.exitCode = states.has('failed') ? 1 : states.has('unknown') ? 3 : 0
}

const say = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)

async function planNow(
  team: Team,
  { strategy, persist }: AsPlanned,
  kept: Planned['plan'] | undefined,
  signal: AbortSignal,
  secrets: Secrets | undefined,
): Promise<Planned> {
  const planned = await makePlan(team, { strategy, persist, ...(secrets && { secrets }), nowMs: Date.now(), signal })
  const moved = kept === undefined ? [] : whatMoved(kept, planned.plan)
  if (moved.length > 0)
    throw new InputError(`the plan no longer holds:\n${moved.map((one) => `  ${one}`).join('\n')}`, {
      remedy: 'Make it again, and review it: dr-drill plan --out FILE',
    })
  return planned
}

async function confirm(question: string, { yes }: Flags): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY)
    throw new InputError('nothing is changed without a yes, and nobody is there to be asked', {
      remedy: 'Say --yes, or call it from a terminal.',
    })
  const asked = createInterface({ input: process.stdin, output: process.stderr })
  try {
    if (!/^y(es)?$/i.test((await asked.question(`${question} [y/N] `)).trim()))
      throw new InputError('nothing was done', { remedy: 'Answer y to have it done.' })
  } finally {
    asked.close()
  }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InputError(`--concurrency: from 1 to 999, not ${JSON.stringify(text)}`)
  return Number(text)
}
