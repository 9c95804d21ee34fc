import { createHash } from 'node:crypto'
import type { Outcome } from '../journal/journal.ts'
import { closingLine } from '../report/run-overview.ts'
import { age, duration, longDuration } from '../text/duration.ts'
import { counted } from '../text/plural.ts'
import { changesBetween, groundOf } from './changes-since.ts'
import { exercisesPart } from './exercises-part.ts'
import { historyStyle } from './history-style.ts'
import { changesSince, type HistoryText } from './history-text.ts'
import { each, type Html, html } from './html-template.ts'
import { teamHistories } from './past-exercise.ts'
import type { RunRecord } from './run-record.ts'
import type { PastExecution, ScenarioHistory } from './scenario-history.ts'

export interface HistoryPageInput extends HistoryText {
  /** Sentences about journals that could not be read. */
  readonly problems: readonly string[]
  readonly now: Date
  readonly maxAgeMs: number
  /** Returns the address of the page of a run, relative to this page. */
  readonly linkTo: (run: string) => string
}

/** Columns of the table of scenarios. More do not fit on a screen. */
const maxRuns = 12
/** Executions of one scenario that are listed. */
const maxExecutions = 50

const signs: Readonly<Record<Outcome, string>> = { passed: '✔', failed: '✘', unknown: '?', 'not run': '–' }

/**
 * Returns the page of a history: what needs a new drill, and when the next verdict expires; outcomes over runs; and of each
 * scenario its times, its objectives, and what changed from one execution to the next. It has no script and loads nothing.
 */
export function historyPage(input: HistoryPageInput): string {
  const { runs, histories, staleness, problems, now, maxAgeMs } = input
  const { due, removed, count, nextDue } = staleness
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(historyStyle).digest('base64')}'`
  const holds = due.length === 0
  const title = holds ? 'All verdicts hold' : `${counted(due.length, 'scenario needs', 'scenarios need')} a new drill`
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title} · dr-drill history</title>
<style>${{ safe: historyStyle }}</style>
</head>
<body>
<header class="${holds ? 'passed' : 'failed'}">
<h1>${title}</h1>
<p>${counted(count, 'scenario')} in ${counted(runs.length, 'run')}. A verdict expires after ${age(maxAgeMs)}.
${nextDue === undefined ? 'No verdict holds now.' : `The next verdict expires on ${dayOf(nextDue)}.`}
As of ${dayOf(now.toISOString())}.</p>
</header>
<main>
${problems.length === 0 ? '' : html`<section><h2>Journals that could not be read</h2><ul>${each(problems, (one) => html`<li>${one}</li>`)}</ul></section>`}
${due.length === 0 ? '' : html`<section><h2>Need a new drill</h2><ul>${each(due, (one) => html`<li><strong>${one.name}</strong> <code>${one.location}</code><ul>${each(one.reasons, (reason) => html`<li>${reason}</li>`)}</ul></li>`)}</ul></section>`}
${removed.length === 0 ? '' : html`<section><h2>Removed from their feature since they ran</h2><ul>${each(removed, (one) => html`<li>${one.name} <code>${one.location}</code></li>`)}</ul></section>`}
${overview(input)}
${exercisesPart(teamHistories(runs), input.linkTo)}
<section><h2>Runs</h2>${runsTable(input)}</section>
<section><h2>Each scenario</h2>${each(histories, (one) => scenario(one, input))}</section>
</main>
<footer>Made by dr-drill from the journals of the runs, and from nothing else. This page loads nothing.</footer>
</body>
</html>
`
  return page.safe
}

/** Outcomes of each scenario in the last runs. */
function overview({ runs, histories, linkTo }: HistoryPageInput): Html {
  const shown = runs.slice(-maxRuns)
  const cell = ({ executions }: ScenarioHistory, { run }: RunRecord): Html => {
    // A scenario can have several attempts in a run.
    const own = executions.filter((one) => one.run.run === run).at(-1)
    return own === undefined ? html`<td></td>` : html`<td>${outcome(own.scenario.outcome)}</td>`
  }
  return html`<section><h2>Outcomes over runs</h2>
<div class="scrolls" tabindex="0" role="region" aria-label="Outcomes over runs"><table>
<thead><tr><th scope="col">Scenario</th>${each(shown, (run) => html`<th scope="col"><a href="${linkTo(run.run)}">${minuteOf(run.startedAt)}</a></th>`)}</tr></thead>
<tbody>${each(
    histories,
    (one) => html`<tr><th scope="row">${one.last.scenario.name}${one.isUnsteady ? html` <em>unsteady</em>` : ''}
<br><code>${one.last.scenario.location}</code></th>${each(shown, (run) => cell(one, run))}</tr>
`,
  )}</tbody></table></div>
<p>Unsteady: passed and failed with the same feature, steps and version.</p></section>`
}

function runsTable({ runs, linkTo }: HistoryPageInput): Html {
  return html`<div class="scrolls" tabindex="0" role="region" aria-label="Runs"><table>
<thead><tr><th scope="col">Run</th><th scope="col">Started</th><th scope="col">Time</th><th scope="col">Result</th>
<th scope="col">Changes</th><th scope="col">dr-drill</th><th scope="col">Guest image</th><th scope="col">Kernel</th></tr></thead>
<tbody>${each(
    runs.toReversed(),
    (run) => html`<tr><td><a href="${linkTo(run.run)}">${run.run}</a></td><td>${minuteOf(run.startedAt)}</td>
<td>${duration(run.durationMs)}</td><td>${closingLine(run)}${run.exitCode === undefined ? ', killed' : ''}</td>
<td>${changesSince(runs.slice(0, runs.indexOf(run)), run).join(', ')}</td><td>${run.version}</td>
<td><code>${run.guestImage ?? ''}</code></td><td>${run.kernels.join(', ')}</td></tr>
`,
  )}</tbody></table></div>`
}

/** Times, objectives and changes of one scenario, the last execution first. */
function scenario({ executions, last, lastPassed, isUnsteady }: ScenarioHistory, { linkTo }: HistoryPageInput): Html {
  const shown = executions.slice(-maxExecutions).toReversed()
  const phases = [...new Set(shown.flatMap((one) => one.scenario.phases.map(({ phase }) => phase)))]
  const objectives = [...new Set(shown.flatMap((one) => one.scenario.objectives.map(({ title }) => title)))]
  const row = (one: PastExecution): Html => {
    const before = executions[executions.indexOf(one) - 1]
    const changes =
      before === undefined
        ? []
        : changesBetween(one.scenario, groundOf(before.run, before.scenario), groundOf(one.run, one.scenario))
    return html`<tr><td><a href="${linkTo(one.run.run)}">${minuteOf(one.run.startedAt)}</a></td>
<td>${outcome(one.scenario.outcome)}${one.scenario.why === undefined ? '' : html`<br>${one.scenario.why}`}</td>
<td>${duration(one.scenario.durationMs)}</td>
${each(phases, (phase) => html`<td>${timeOf(one.scenario.phases.find((some) => some.phase === phase)?.durationMs)}</td>`)}
${each(objectives, (title) => html`<td>${objective(one, title)}</td>`)}<td>${changes.join('; ')}</td></tr>
`
  }
  const good =
    lastPassed === undefined
      ? 'It never passed.'
      : lastPassed === last
        ? 'The last execution passed.'
        : `It last passed in ${lastPassed.run.run}.`
  return html`<details${last.scenario.outcome === 'passed' && !isUnsteady ? '' : { safe: ' open' }}>
<summary>${outcome(last.scenario.outcome)} ${last.scenario.name} <code>${last.scenario.location}</code></summary>
<p>${good} ${executions.length > shown.length ? `${executions.length - shown.length} older executions are not shown.` : ''}</p>
<div class="scrolls" tabindex="0" role="region" aria-label="${last.scenario.name}"><table>
<thead><tr><th scope="col">Run</th><th scope="col">Outcome</th><th scope="col">Time</th>
${each(phases, (phase) => html`<th scope="col">${phase}</th>`)}${each(objectives, (title) => html`<th scope="col">${title}</th>`)}
<th scope="col">Changed since the one before</th></tr></thead>
<tbody>${each(shown, row)}</tbody></table></div></details>
`
}

function objective({ scenario: { objectives } }: PastExecution, title: string): Html | string {
  const found = objectives.find((one) => one.title === title)
  if (found === undefined) return ''
  const { measuredMs, requiredMs, verdict } = found
  const outcomes = { pass: 'passed', fail: 'failed', unknown: 'unknown' } as const
  const measured = measuredMs === undefined ? 'not measured' : longDuration(measuredMs)
  return html`${outcome(outcomes[verdict])}<br>${measured}, required ${longDuration(requiredMs)}`
}

const outcome = (of: Outcome): Html => html`<span class="${of.replace(' ', '-')}">${signs[of]} ${of}</span>`

const timeOf = (ms: number | undefined): string => (ms === undefined ? '' : duration(ms))
const dayOf = (at: string): string => at.slice(0, 10)
const minuteOf = (at: string): string => at.slice(0, 16).replace('T', ' ')
