import { useMemo } from 'preact/hooks'
import type { JournalEntry } from '../../../src/journal/journal.ts'
import type { DrillRow, PageDrill } from '../../../src/report/page/page-data.ts'
import { duration } from '../../../src/text/duration.ts'
import { readDrill, readIndex } from '../data/page-source.ts'
import { drillLink, type Route, viewLink } from '../data/route.ts'
import { timeText } from '../data/time-text.ts'
import { ExerciseReviewSection } from '../parts/exercise-review.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { className, Outcome } from '../parts/marks.tsx'
import { Step } from '../parts/step.tsx'

/** One drill: its prose, and the evidence of each step below it. */
export function DrillView({ id, route }: { readonly id: string; readonly route: Route }) {
  const read = async () => {
    const [{ drills }, drill] = await Promise.all([readIndex(), readDrill(id)])
    const row = drills.find((one) => one.id === id)
    if (row === undefined) throw new Error(`This page has no drill ${id}.`)
    return { row, drill, siblings: drills.filter(({ location }) => location === row.location) }
  }
  return (
    <Loaded read={read} of={id}>
      {({ row, drill, siblings }) => <DrillArticle row={row} drill={drill} siblings={siblings} route={route} />}
    </Loaded>
  )
}

export function DrillArticle({
  row,
  drill,
  siblings,
  route,
}: {
  readonly row: DrillRow
  readonly drill: PageDrill
  readonly siblings: readonly DrillRow[]
  readonly route?: Route
}) {
  const bySeq = useMemo(() => new Map(drill.entries.map((entry) => [entry.seq, entry])), [drill])
  const errors = drill.entries.filter((entry) => entry.kind === 'error')
  return (
    <article class="drill" aria-labelledby={`name-${row.id}`}>
      <p class="feature">{row.feature}</p>
      <h1 id={`name-${row.id}`}>{row.name}</h1>
      <p>
        <Outcome of={row.outcome} /> in {duration(row.durationMs)}, {timeText(row.startedAt)},{' '}
        <code>{row.location}</code>{' '}
        {row.tags.map((tag) => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))}
      </p>
      {row.why !== undefined && (
        <section class={`reason ${className(row.outcome)}`} aria-label="Reason">
          <p>{row.why}</p>
          <Remedies errors={errors} />
          <p class="location">
            To look inside: <code>dr-drill run {row.location} --keep-lab</code>
          </p>
        </section>
      )}
      {drill.background !== undefined && <p class="warning">{drill.background}</p>}
      <Attempts id={row.id} siblings={siblings} />
      <p class="links">
        <a href={viewLink('timeline', row.id)}>Timeline</a>
        <a href={viewLink('topology', row.id)}>Topology</a>
        <a href={viewLink('chains', row.id)}>Chains</a>
      </p>
      {row.phases.length > 0 && (
        <p class="phases">
          {row.phases.map(({ phase, durationMs }) => `${phase} ${duration(durationMs)}`).join(' · ')}
        </p>
      )}
      {drill.rule !== undefined && <p class="rule">Rule: {drill.rule}</p>}
      {drill.description.trim() !== '' && <p class="description">{drill.description.trim()}</p>}
      <ExerciseReviewSection entries={drill.entries} steps={drill.steps} isWhole={route === undefined} />
      <ol class="steps">
        {drill.steps.map((step, index) => (
          <Step
            key={index}
            drill={row.id}
            step={step}
            index={index}
            entries={step.entries.flatMap((seq) => bySeq.get(seq) ?? [])}
            target={route}
          />
        ))}
      </ol>
    </article>
  )
}

function Remedies({ errors }: { readonly errors: readonly JournalEntry[] }) {
  const remedies = errors.flatMap((entry) =>
    entry.kind === 'error' && entry.remedy !== undefined ? [entry.remedy] : [],
  )
  return (
    <>
      {[...new Set(remedies)].map((remedy) => (
        <p key={remedy}>{remedy}</p>
      ))}
    </>
  )
}

function Attempts({ id, siblings }: { readonly id: string; readonly siblings: readonly DrillRow[] }) {
  if (siblings.length < 2) return null
  return (
    <section aria-label="Attempts">
      <h2>Attempts</h2>
      <ol class="attempts">
        {siblings.map((one) => (
          <li key={one.id}>
            <Outcome of={one.outcome} />{' '}
            {one.id === id ? 'this attempt' : <a href={drillLink(one.id)}>attempt {one.attempt}</a>}
            {one.why !== undefined && `: ${one.why}`}
          </li>
        ))}
      </ol>
    </section>
  )
}
