import type {
  DrillProblem,
  PageSummary,
  RunLimit,
  ShortList,
  ShownObjective,
} from '../../../src/report/page/page-data.ts'
import { duration } from '../../../src/text/duration.ts'
import { filterLink } from '../data/drill-filter.ts'
import { drillLink, viewLink } from '../data/route.ts'
import { timeText } from '../data/time-text.ts'
import { Facts } from '../parts/command-details.tsx'
import { className, Outcome } from '../parts/marks.tsx'
import { More } from '../parts/more.tsx'
import { Scrolls } from '../parts/scrolls.tsx'

const words = { passed: 'Passed', failed: 'Failed', incomplete: 'Incomplete' } as const
const signs = { passed: '✔', failed: '✘', incomplete: '?' } as const
const everyDrill = { text: '', tags: [], notTags: [], node: '', outcomes: [] }

/** The first screen: the verdict, why, what the run does not prove, and who made it. */
export function Overview({ summary }: { readonly summary: PageSummary }) {
  const { verdict, headline, nextDrill, scope, problems, notRun, objectives, limits, findings, errors, notes } = summary
  return (
    <>
      <section class={`verdict ${className(verdict)}`} aria-labelledby="verdict">
        <h1 id="verdict">
          <span aria-hidden="true">{signs[verdict]}</span> {words[verdict]}
        </h1>
        <p class="headline">{headline}</p>
        <Counts summary={summary} />
        <Who summary={summary} />
        <p class="who">{nextDrill}</p>
      </section>
      <div class="columns">
        <div>
          <Problems title="What failed, and why" list={problems} outcomes={['failed', 'unknown']} />
          <Problems title="What was not run, and why" list={notRun} outcomes={['not run']} />
          {problems.items.length === 0 && notRun.items.length === 0 && (
            <section>
              <h2>What failed, and why</h2>
              <p>Nothing. Every selected scenario ran, and every claim held.</p>
            </section>
          )}
          <Objectives list={objectives} />
          {scope.length > 0 && (
            <section>
              <h2>What was in scope</h2>
              <Facts facts={scope.map(({ name, value }) => [name, value] as const)} />
            </section>
          )}
          <section>
            <h2>The run itself</h2>
            <ul class="plain">
              {findings.items.map(({ verdict: judged, question, sentence }) => (
                <li key={question}>
                  <Outcome of={judged} /> {question}: {sentence}
                </li>
              ))}
              {errors.items.map((text) => (
                <li key={text}>
                  <Outcome of="failed" isShort /> {text}
                </li>
              ))}
              {notes.items.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
            <More count={findings.more + errors.more + notes.more} />
            {findings.items.length + errors.items.length + notes.items.length === 0 && (
              <p>No findings and no errors.</p>
            )}
          </section>
          <AfterRun deficiencies={problems.items.length + problems.more} />
        </div>
        <Limits limits={limits} />
      </div>
    </>
  )
}

/** What a report cannot hold, because people decide it or other runs show it. */
function AfterRun({ deficiencies }: { readonly deficiencies: number }) {
  return (
    <section>
      <h2>After this run</h2>
      <ul>
        {deficiencies > 0 && (
          <li>
            Assign{' '}
            {deficiencies === 1
              ? 'the failed or unknown drill'
              : `each of the ${deficiencies} failed or unknown drills`}
            : corrective action, owner and due date. The <a href={viewLink('all')}>printed report</a> has a table to
            fill in.
          </li>
        )}
        <li>
          What has changed since earlier runs: <code>dr-drill history</code>
        </li>
      </ul>
    </section>
  )
}

function Counts({ summary: { counts } }: { readonly summary: PageSummary }) {
  return (
    <ul class="counts" aria-label="Drills by outcome">
      {(['failed', 'unknown', 'not run', 'passed'] as const).map((outcome) => (
        <li key={outcome} class={counts[outcome] === 0 ? 'zero' : className(outcome)}>
          <a href={filterLink({ ...everyDrill, outcomes: [outcome] })}>
            <strong>{counts[outcome]}</strong> {outcome}
          </a>
        </li>
      ))}
    </ul>
  )
}

function Who({ summary }: { readonly summary: PageSummary }) {
  const { who, where, startedAt, durationMs, ciJob, version } = summary
  return (
    <p class="who">
      {who !== undefined && where !== undefined && (
        <>
          Run by <strong>{who}</strong> on <strong>{where}</strong>,{' '}
        </>
      )}
      <time dateTime={startedAt}>{timeText(startedAt)}</time>, in {duration(durationMs)}, with dr-drill {version}.{' '}
      {ciJob !== undefined && /^https?:\/\//.test(ciJob) && (
        <a href={ciJob} rel="noreferrer noopener">
          CI job
        </a>
      )}{' '}
      <span class="versions">{versionsText(summary)}</span> <a href="#environment">Environment</a>
    </p>
  )
}

const shownVersions = ['Features', 'Engine', 'Guest kernel', 'QEMU in the guests']

/** The versions that decide whether a verdict still holds, each in a few words. */
function versionsText({ environment }: PageSummary): string {
  const known = environment.filter(({ name }) => shownVersions.includes(name))
  const texts = known.map(({ name, value }) => `${name}: ${value.replace(/\b([0-9a-f]{10})[0-9a-f]{30}\b/, '$1')}`)
  return texts.length === 0 ? '' : `${texts.join('. ')}.`
}

function Problems({
  title,
  list: { items, more },
  outcomes,
}: {
  readonly title: string
  readonly list: ShortList<DrillProblem>
  readonly outcomes: readonly string[]
}) {
  if (items.length === 0) return null
  return (
    <section>
      <h2>{title}</h2>
      <ul class="problems">
        {items.map(({ drill, name, location, outcome, why }) => (
          <li key={drill} class={className(outcome)} data-stop>
            <p>
              <Outcome of={outcome} /> <a href={drillLink(drill)}>{name}</a>
            </p>
            <p class="why">{why}</p>
            <p class="location">{location}</p>
          </li>
        ))}
      </ul>
      <More count={more}>
        <a href={filterLink({ ...everyDrill, outcomes })}>Show all</a>
      </More>
    </section>
  )
}

function Objectives({ list: { items, more } }: { readonly list: ShortList<ShownObjective> }) {
  if (items.length === 0) return null
  return (
    <section>
      <h2>Objectives against measured</h2>
      <Scrolls label="Objectives">
        <table>
          <thead>
            <tr>
              <th scope="col">objective</th>
              <th scope="col">required</th>
              <th scope="col">measured</th>
              <th scope="col">verdict</th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ drill, name, objective, measured, clock, verdict }) => (
              <tr key={`${drill} ${name} ${objective}`}>
                <td>
                  <a href={drillLink(drill)}>{name}</a>
                </td>
                <td>{objective}</td>
                <td>
                  {measured}
                  {clock !== undefined && (
                    <p class="time">
                      {timeText(clock[0])} to {timeText(clock[1])}
                    </p>
                  )}
                </td>
                <td>
                  <Outcome of={verdict} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrolls>
      <More count={more} />
    </section>
  )
}

function Limits({ limits }: { readonly limits: readonly RunLimit[] }) {
  return (
    <section class="limits" aria-labelledby="limits">
      <h2 id="limits">What this run does not prove</h2>
      <ul>
        {limits.map(({ kind, text, drills }) => (
          <li key={`${kind}${text}`}>
            {text}
            {drills.items.length > 0 && (
              <span class="drills">
                {' '}
                {drills.items.map((drill) => (
                  <>
                    <a key={drill} href={drillLink(drill)} aria-label={`Drill ${drill}`}>
                      {drill}
                    </a>{' '}
                  </>
                ))}
                {drills.more > 0 && `and ${drills.more} more`}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
