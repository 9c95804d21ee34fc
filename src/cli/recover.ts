import { Command, Option } from 'commander'
import { InputError } from '../errors.ts'
import { readSecrets } from '../recovery/images/secrets.ts'
import { asPlanned, type PlannedOptions, requirePlannedSite } from '../recovery/site/as-planned.ts'
import { describePlan, planSentence } from '../recovery/site/describe-plan.ts'
import { describeResults } from '../recovery/site/describe-results.ts'
import { describeUndo, undoSentence } from '../recovery/site/describe-undo.ts'
import { makePlan, type PlanWithImages } from '../recovery/site/make-plan.ts'
import type { NodeResult } from '../recovery/site/node-result.ts'
import { planDifferences } from '../recovery/site/plan-differences.ts'
import { loadPlan } from '../recovery/site/plan-file.ts'
import { type RecoverOptions, recover } from '../recovery/site/recover.ts'
import { type RecoveryPlan, whyUnchanged } from '../recovery/site/recovery-plan.ts'
import { Records } from '../recovery/site/recovery-records.ts'
import type { SiteHosts } from '../recovery/site/site-hosts.ts'
import { previewUndo, type UndoPreview, undo, wouldChange, wouldKeep } from '../recovery/site/undo.ts'
import type { Thoroughness } from '../recovery/site/verify.ts'
import { defaultStrategy } from '../recovery/strategy/index.ts'
import { interruptible } from '../run/interrupts.ts'
import { counted } from '../text/plural.ts'
import { printableJson } from '../text/printable.ts'
import { closing, type Style, styleOf } from '../text/style.ts'
import { sentenceLines } from '../text/text-lines.ts'
import { confirm } from './confirm.ts'
import { planExitCode, reportOf } from './plan.ts'
import { printSecretNotes } from './secret-notes.ts'
import {
  addPlanOptions,
  addSiteOptions,
  commandForSite,
  type FurtherOptions,
  openSite,
  type SiteFlags,
} from './site-options.ts'

interface Flags extends SiteFlags {
  readonly strategy?: string
  readonly persist?: true
  readonly plan?: string
  readonly allowBase?: readonly string[]
  readonly secrets?: string
  readonly yes?: true
  readonly dryRun?: true
  readonly undo?: true
  readonly verify: Thoroughness
  readonly concurrency: number
  readonly records?: string
  readonly json?: true
}

/** `recover`: carries a plan out, and restores from every node. */
export function recoverCommand(): Command {
  return addPlanOptions(addSiteOptions(new Command('recover')))
    .option('--plan <file>', 'carry out a saved plan, with its options, if nothing has changed since')
    .option('--dry-run', 'show what would be done, and change nothing')
    .option('-y, --yes', 'do not ask before the first change')
    .addOption(
      new Option('--verify <chains>', 'chains that are read to their end on every node afterwards')
        .choices(['none', 'sample', 'all'])
        .default('sample'),
    )
    .option('--undo', 'undo all changes that were made at this site')
    .option('--records <dir>', 'where changes are recorded (default: $XDG_STATE_HOME/dr-drill/recoveries)')
    .option('--concurrency <n>', 'images that are changed at the same time', parseConcurrency, 4)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Each change is recorded on this machine before it is made. Run again, recover
finishes an interrupted recovery. --undo undoes exactly the recorded changes,
also by another process on another day. Verification reads chains by the names
in their images, as the product's user and where its service runs, and compares
every byte with the target.

Examples:
  $ dr-drill recover --inventory site.yaml --dry-run
  $ dr-drill recover --inventory site.yaml --persist --yes
  $ dr-drill recover --inventory site.yaml --plan plan.json --verify all
  $ dr-drill recover --inventory site.yaml --undo

Exit codes: 0 all nodes verified, 1 failure, or the answer was no,
2 wrong input, 3 unknown, 130 interrupted. 1 wins over 3.
With --dry-run: those of dr-drill plan.
With --undo: 0 all changes undone, 1 change kept, or the answer was no,
3 host not looked at, or with changes that are not on record.`,
    )
    .action(run)
}

async function run(targets: readonly string[], flags: Flags): Promise<void> {
  using interruption = interruptible()
  const { signal } = interruption
  const stream = flags.json ? process.stderr : process.stdout
  const style = styleOf(stream)
  const print = (lines: readonly string[]) => void stream.write(lines.map((line) => `${line}\n`).join(''))
  const saved = flags.plan === undefined ? undefined : loadPlan(flags.plan)
  const { strategy = defaultStrategy.name, persist = false } = flags
  const options =
    saved === undefined ? { ...flags, targets, strategy, persist } : asPlanned(saved, { ...flags, targets })
  const secrets = flags.secrets === undefined ? undefined : readSecrets(flags.secrets)
  await using hosts = openSite(options.targets, options, signal)
  if (saved !== undefined && !flags.undo) requirePlannedSite(saved, hosts)
  const again = (further: FurtherOptions) =>
    commandForSite('recover', targets, flags, {
      plan: flags.plan,
      secrets: flags.secrets,
      'allow-base': flags.allowBase,
      ...further,
    })
  const change: Change = {
    hosts,
    flags,
    style,
    print,
    again,
    options: {
      records: new Records(flags.records),
      thoroughness: flags.verify,
      concurrency: flags.concurrency,
      ...(secrets && { secrets }),
      nowMs: Date.now(),
      signal,
      report: (where, line) => print(sentenceLines(`${where}: ${line}`, style.columns)),
    },
  }
  await (flags.undo ? runUndo(change) : runRecovery(change, options, saved))
}

interface Change {
  readonly hosts: SiteHosts
  readonly flags: Flags
  readonly options: RecoverOptions
  readonly style: Style
  /** Prints for people: on standard error if standard output has JSON. */
  readonly print: (lines: readonly string[]) => void
  /** The same command with other options, to paste. */
  readonly again: (further: FurtherOptions) => string
}

async function runRecovery(change: Change, planned: PlannedOptions, saved: RecoveryPlan | undefined): Promise<void> {
  const { hosts, flags, options, style, print, again } = change
  const { plan, images } = await planNow(hosts, planned, saved, options, flags.allowBase)
  printSecretNotes(images, options.secrets)
  const { strategy, persist } = flags
  if (flags.dryRun) {
    process.exitCode = planExitCode(plan)
    if (flags.json) return printJson({ plan })
    const isRunnable = whyUnchanged(plan) === undefined
    return print(reportOf(plan, style, isRunnable ? [again({ strategy, persist })] : []))
  }
  const isOther = plan.recommendation !== undefined && plan.recommendation.strategy !== plan.strategy
  print([...describePlan(plan, style, isOther), style.paint('strong', planSentence(plan)), ''])
  const isChange = whyUnchanged(plan) === undefined
  if (isChange && !(await mayChange(change, `Carry this out at ${hosts.site}?`))) return
  const results = await recover(hosts, plan, images, options)
  finish(results, change, (style, bad, unknown) => {
    const count = counted(results.length, 'node')
    const check = commandForSite('check', planned.targets, flags, { plan: flags.plan })
    if (bad > 0)
      return closing(style, 'failed', `${bad} of ${count} failed. Fix the reasons above, and run it again.`, [
        again({ strategy, persist }),
      ])
    if (unknown > 0) return closing(style, 'unknown', `${unknown} of ${count} unknown.`)
    return closing(style, 'passed', `${count} ${proofs[flags.verify]}.`, [check])
  })
}

/** The proof that nodes are ready, by the chains that were read. */
const proofs: Readonly<Record<Thoroughness, string>> = {
  none: 'prepared. No chain was read',
  sample: 'ready: restores were proven by reading a sample of the chains',
  all: 'ready: restores were proven by reading all chains',
}

async function runUndo(change: Change): Promise<void> {
  const { hosts, flags, options, style, print, again } = change
  const nodes = await previewUndo(hosts, options)
  const previewCode = nodes.some(wouldKeep) ? 1 : nodes.some(({ unknown }) => unknown !== undefined) ? 3 : 0
  const mark = ({ 0: 'passed', 1: 'failed', 3: 'unknown' } as const)[previewCode]
  const isNothing = !nodes.some((node) => node.isOnRecord || wouldChange(node))
  const isEnd = flags.dryRun || isNothing
  if (isEnd) process.exitCode = previewCode
  if (isEnd && flags.json) return printJson(flags.dryRun ? { preview: nodes } : { results: unknownResults(nodes) })
  const next = flags.dryRun && nodes.some(wouldChange) ? [again({ undo: true })] : []
  const sentence = undoSentence(nodes, hosts.site, hosts.nodes.length)
  const end = isEnd ? closing(style, mark, sentence, next) : [style.paint('strong', sentence), '']
  print([...describeUndo(nodes, style), ...end])
  if (isEnd) return
  if (nodes.some(wouldChange) && !(await mayChange(change, `Undo this at ${hosts.site}?`))) return
  const results = await undo(hosts, options)
  finish(results, change, (style, bad, unknown) => {
    const count = counted(results.length, 'node')
    if (results.length === 0) return closing(style, 'passed', `Nothing was left to undo at ${hosts.site}.`)
    if (bad > 0)
      return closing(style, 'failed', `${bad} of ${count} kept changes. Remove what prevents it, and run it again.`, [
        again({ undo: true }),
      ])
    if (unknown > 0) return closing(style, 'unknown', `${unknown} of ${count} unknown.`)
    return closing(style, 'passed', `All changes undone on ${count}.`)
  })
}

/** The results of nodes where nothing is undone. */
function unknownResults(nodes: readonly UndoPreview[]): readonly NodeResult[] {
  return nodes.map(({ where, unknown = '' }) => ({ where, state: 'unknown', done: 0, why: unknown }))
}

function finish(
  results: readonly NodeResult[],
  { flags, style, print }: Change,
  end: (style: Style, bad: number, unknown: number) => readonly string[],
): void {
  const count = (wanted: NodeResult['state']) => results.filter(({ state }) => state === wanted).length
  const [bad, unknown] = [count('failed'), count('unknown')]
  if (flags.json) printJson({ results })
  else print([...describeResults(results, style), '', ...end(style, bad, unknown)])
  process.exitCode = bad > 0 ? 1 : unknown > 0 ? 3 : 0
}

/** A no is not wrong input: nothing is changed, and the command ends with 1. */
async function mayChange({ flags, options, style, print }: Change, question: string): Promise<boolean> {
  if (flags.yes || (await confirm(question, options.signal))) return true
  print(closing(style, 'not run', 'Nothing was changed.'))
  process.exitCode = 1
  return false
}

const printJson = (value: unknown): void => void process.stdout.write(`${printableJson(value)}\n`)

async function planNow(
  hosts: SiteHosts,
  { strategy, persist }: PlannedOptions,
  saved: RecoveryPlan | undefined,
  { secrets, nowMs, signal }: RecoverOptions,
  allowedBases: readonly string[] | undefined,
): Promise<PlanWithImages> {
  const made = await makePlan(hosts, {
    strategy,
    persist,
    ...(allowedBases && { allowedBases }),
    ...(secrets && { secrets }),
    ...(saved && { expected: saved.expected }),
    nowMs,
    signal,
  })
  const differences = saved === undefined ? [] : planDifferences(saved, made)
  if (differences.length > 0)
    throw new InputError(`the plan no longer holds:\n${differences.map((one) => `  ${one}`).join('\n')}`, {
      remedy: 'Create a new plan, and review it: dr-drill plan --out FILE',
    })
  return made
}

function parseConcurrency(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text))
    throw new InputError(`--concurrency must be from 1 to 999, not ${JSON.stringify(text)}`)
  return Number(text)
}
