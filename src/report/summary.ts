import type { JournalEntry, Outcome } from '../journal/journal.ts'
import { featureOf } from '../journal/scenario.ts'
import { duration } from '../text/duration.ts'
import { printable, printableLines } from '../text/printable.ts'
import { backgroundText, backgroundTexts } from './background-text.ts'
import { exerciseReview } from './exercise-review.ts'
import { exerciseSection } from './exercise-section.ts'
import { describeFailure, firstFailure } from './first-failure.ts'
import { hiddenChecks } from './left-wrong.ts'
import { type MeasuredObjective, measuredText, objectiveTitle, requiredText } from './measured-objectives.ts'
import { nextDrillText } from './next-drill.ts'
import { drillSteps } from './page/drill-steps.ts'
import { StartedCases, type StepTime } from './page/started-cases.ts'
import { closingLine, type DrillOverview, runOverview } from './run-overview.ts'
import { runScope } from './run-scope.ts'

/** Steps that took less are left out. */
const minStepMs = 50

const marks: Readonly<Record<Outcome, string>> = { passed: '✔', failed: '✘', unknown: '?', 'not run': '–' }

/** Returns `summary.md`: the drills, their findings, the time of each phase and step, and the first failure in full. */
export function summary(entries: readonly JournalEntry[]): string {
  const run = runOverview(entries)
  const failure = firstFailure(entries)
  const cases = new StartedCases(entries)
  // A parallel run mixes scenarios of several features.
  const drills = [...Map.groupBy(run.drills, ({ location }) => featureOf(location)).values()].flat()
  const lines = [
    `# Run ${run.run}`,
    '',
    [
      run.startedAt,
      duration(run.durationMs),
      `dr-drill ${run.version}`,
      ...(run.kernels.length > 0 ? [`labs with Linux ${run.kernels.join(' and ')}`] : []),
      run.exitCode === undefined ? 'killed' : `exit code ${run.exitCode}`,
    ].join(', '),
    '',
    `**${closingLine(run)}**`,
    '',
    nextDrillText(entries, run),
    '',
    ...scopeLines(entries),
    ...backgroundTexts(run.drills).flatMap((text) => [plain(text), '']),
    '| result | scenario | time | reason |',
    '|---|---|---|---|',
    ...run.retried.map((drill) => resultRow(drill, ', tried again')),
    ...drills.map((drill) => resultRow(drill)),
    '',
  ]
  if (failure !== undefined) lines.push('## First failure', '', fenced(describeFailure(failure)), '')
  const objectives = drills.flatMap((drill) => drill.objectives.map((one) => objectiveRow(drill, one)))
  if (objectives.length > 0) lines.push(...objectiveHeading, ...objectives, '')
  const own = [
    ...run.findings.map(({ verdict, question, sentence }) => `${verdict}: ${question}: ${sentence}`),
    ...run.errors,
    ...run.notes,
  ]
  if (own.length > 0) lines.push('## The run itself', '', ...own.map((text) => `- ${plain(text)}`), '')
  for (const drill of drills) {
    lines.push(...section(drill), ...afterAction(entries, cases, drill.id))
    lines.push(...stepTimes(cases.stepTimes(drill.id)))
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function scopeLines(entries: readonly JournalEntry[]): readonly string[] {
  const facts = runScope(entries)
  return facts.length === 0 ? [] : [...facts.map(({ name, value }) => `- ${name}: ${plain(value)}`), '']
}

/** Returns the after-action review of a drill. Empty if no team worked in it. */
function afterAction(all: readonly JournalEntry[], cases: StartedCases, drill: string): readonly string[] {
  const entries = all.filter((entry) => entry.drill === drill)
  const review = exerciseReview(entries)
  if (review === undefined) return []
  return exerciseSection(review, hiddenChecks(drillSteps(cases.ofDrill(drill), entries), entries), plain)
}

function resultRow({ outcome, name, durationMs, why }: DrillOverview, remark = ''): string {
  const result = `${marks[outcome]} ${outcome}${remark}`
  return `| ${result} | ${plain(name)} | ${duration(durationMs)} | ${plain(firstLine(why))} |`
}

const objectiveHeading = [
  '## Objectives',
  '',
  '| result | scenario | objective | required | measured | from | to |',
  '|---|---|---|---|---|---|---|',
]

function objectiveRow({ name }: DrillOverview, objective: MeasuredObjective): string {
  const { verdict, from = '', to = '' } = objective
  const texts = [name, objectiveTitle(objective), requiredText(objective), measuredText(objective), from, to]
  return `| ${verdict} | ${texts.map(plain).join(' | ')} |`
}

function section({
  outcome,
  name,
  feature,
  location,
  why,
  phases,
  findings,
  background,
}: DrillOverview): readonly string[] {
  const lines = [`## ${marks[outcome]} ${plain(name)}`, '', `${plain(feature)} (${plain(location)})`, '']
  if (background !== undefined) lines.push(plain(backgroundText(background)), '')
  if (why !== undefined) lines.push(fenced(`${outcome}: ${why}`), '')
  for (const { verdict, question, sentence } of findings)
    lines.push(`- **${verdict}** ${plain(`${question}: ${sentence}`)}`)
  if (findings.length > 0) lines.push('')
  if (phases.length > 0) {
    lines.push('| phase | time |', '|---|---|')
    lines.push(...phases.map(({ phase, durationMs }) => `| ${phase} | ${duration(durationMs)} |`), '')
  }
  return lines
}

/** Returns a table of the steps that took noticeable time. Claims take none. */
function stepTimes(steps: readonly StepTime[]): readonly string[] {
  const long = steps.filter(({ durationMs }) => durationMs >= minStepMs)
  if (long.length === 0) return []
  const rows = long.map(({ text, durationMs }) => `| ${plain(text)} | ${duration(durationMs)} |`)
  return ['| step | time |', '|---|---|', ...rows, '']
}

function firstLine(text = ''): string {
  return text.split('\n', 1)[0] ?? ''
}

/** Returns text on one line that Markdown shows as it is, also in a table. No name becomes a link, a picture or HTML. */
function plain(text: string): string {
  return printable(text.replaceAll('\n', ' ')).replaceAll(special, '\\$&')
}

const special = /[\\`*_[\]<>|~#!]|&(?=[#\w]+;)|:(?=\/\/)/g

/** Returns text that Markdown shows as it is: the fence is longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${printableLines(text)}\n${fence}`
}
