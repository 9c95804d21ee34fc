import { useEffect } from 'preact/hooks'
import type { DrillRow } from '../../../src/report/page/page-data.ts'
import { readIndex } from '../data/page-source.ts'
import { drillLink, viewLink } from '../data/route.ts'
import { Loaded } from '../parts/loaded.tsx'
import { Outcome } from '../parts/marks.tsx'
import { type Paragraph, procedure, procedurePage } from '../reference/procedure.ts'

/** The vendor's procedure, statement by statement, with the drills of this run that prove it. */
export function ProcedureView({ paragraph }: { readonly paragraph: string | undefined }) {
  return (
    <>
      <h1>Procedure</h1>
      <p>
        Statements of the{' '}
        <a href={procedurePage} rel="noreferrer noopener">
          vendor’s disaster recovery page
        </a>
        , in our own words, each with the features that prove it or show its limits. Results are those of this run.
      </p>
      <Loaded read={readIndex} of="index">
        {({ drills }) => (
          <>
            {procedure.map((one) => (
              <Statement key={one.id} paragraph={one} rows={drills} isTarget={one.id === paragraph} />
            ))}
          </>
        )}
      </Loaded>
    </>
  )
}

function Statement({
  paragraph: { id, heading, statement, features, differences },
  rows,
  isTarget,
}: {
  readonly paragraph: Paragraph
  readonly rows: readonly DrillRow[]
  readonly isTarget: boolean
}) {
  useEffect(() => {
    if (isTarget) document.getElementById(`procedure-${id}`)?.scrollIntoView()
  }, [id, isTarget])
  const rowsOf = (feature: string): readonly DrillRow[] => rows.filter((row) => isIn(row, feature))
  const missing = features.filter((feature) => rowsOf(feature).length === 0)
  return (
    <section id={`procedure-${id}`} class={isTarget ? 'statement target' : 'statement'}>
      <h2>
        <a class="anchor" href={viewLink('procedure', id)}>
          {heading}
        </a>
      </h2>
      <p>{statement}</p>
      <ul class="plain">
        {features.map((feature) => (
          <Proof key={feature} feature={feature} rows={rowsOf(feature)} />
        ))}
        {missing.length > 0 && (
          <li>
            <Outcome of="not run" isShort /> Not part of this run:{' '}
            {missing.map((feature) => (
              <>
                <code key={feature}>{feature}</code>{' '}
              </>
            ))}
          </li>
        )}
      </ul>
      {differences.length > 0 && (
        <>
          <h3>Where page and reality disagree</h3>
          <ul>
            {differences.map(({ text, source }) => (
              <li key={text}>
                {text} <span class="location">({source})</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

/** True for a scenario of a feature, or of a folder of features. */
function isIn({ location }: DrillRow, feature: string): boolean {
  return location.startsWith(`${feature}:`) || location.startsWith(`${feature}/`)
}

function Proof({ feature, rows }: { readonly feature: string; readonly rows: readonly DrillRow[] }) {
  return (
    <>
      {rows.map(({ id, name, outcome, hasDetails }) => (
        <li key={id}>
          <Outcome of={outcome} /> {hasDetails ? <a href={drillLink(id)}>{name}</a> : name}{' '}
          <span class="location">{feature}</span>
        </li>
      ))}
    </>
  )
}
