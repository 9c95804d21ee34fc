import { useState } from 'preact/hooks'
import type { DrillRow } from '../../../src/report/page/page-data.ts'
import { duration } from '../../../src/text/duration.ts'
import { counted } from '../../../src/text/plural.ts'
import { filtered, filterLink, frequentValues, readFilter } from '../data/drill-filter.ts'
import { readIndex } from '../data/page-source.ts'
import { drillLink } from '../data/route.ts'
import { DrillFilters } from '../parts/drill-filters.tsx'
import { EvidenceSearch } from '../parts/evidence-search.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { className, Outcome } from '../parts/marks.tsx'

const maxShown = 200

/** All drills, failed first, with search and filters. The address holds the filter. */
export function DrillsView({ parameters }: { readonly parameters: URLSearchParams }) {
  return (
    <>
      <h1>Drills</h1>
      <Loaded read={readIndex} of="index">
        {({ drills }) => <DrillList rows={drills} parameters={parameters} />}
      </Loaded>
    </>
  )
}

function DrillList({ rows, parameters }: { readonly rows: readonly DrillRow[]; readonly parameters: URLSearchParams }) {
  const [shown, setShown] = useState(maxShown)
  const filter = readFilter(parameters)
  const found = filtered(rows, filter)
  return (
    <>
      <DrillFilters
        filter={filter}
        tags={frequentValues(rows, 'tags')}
        nodes={frequentValues(rows, 'nodes')}
        onChange={(next) => history.replaceState(undefined, '', filterLink(next))}
      />
      <p role="status">
        {found.length} of {counted(rows.length, 'drill')}
        {found.length < rows.length && (
          <>
            {' · '}
            <a href="#drills">Show all</a>
          </>
        )}
      </p>
      <EvidenceSearch text={filter.text} rows={rows} />
      <ol class="drill-list">
        {found.slice(0, shown).map((row) => (
          <Row key={row.id} row={row} />
        ))}
      </ol>
      {found.length > shown && (
        <button type="button" onClick={() => setShown(shown + maxShown)}>
          Show {Math.min(maxShown, found.length - shown)} more
        </button>
      )}
    </>
  )
}

function Row({ row }: { readonly row: DrillRow }) {
  const { id, hasDetails, name, feature, location, outcome, why, durationMs, tags, attempt, attempts, faults } = row
  return (
    <li class={className(outcome)} data-stop>
      <p class="name">
        <Outcome of={outcome} /> {hasDetails ? <a href={drillLink(id)}>{name}</a> : name}
        {attempts > 1 && (
          <span class="attempt">
            {' '}
            attempt {attempt} of {attempts}
          </span>
        )}
      </p>
      {why !== undefined && <p class="why">{why}</p>}
      <p class="location">
        {feature} · {location} · {duration(durationMs)}
        {faults.length > 0 && ` · faults: ${[...new Set(faults)].join(', ')}`}
        {tags.map((tag) => (
          <span key={tag} class="tag">
            {tag}
          </span>
        ))}
      </p>
    </li>
  )
}
