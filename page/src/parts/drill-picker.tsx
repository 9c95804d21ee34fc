import type { ComponentChildren } from 'preact'
import type { DrillRow, PageDrill } from '../../../src/report/page/page-data.ts'
import { filtered } from '../data/drill-filter.ts'
import { readDrill, readIndex } from '../data/page-source.ts'
import { drillLink, type ViewName, viewLink } from '../data/route.ts'
import { Loaded } from './loaded.tsx'
import { Outcome } from './marks.tsx'

const everyDrill = { text: '', tags: [], notTags: [], node: '', outcomes: [] }

/** A view of one drill, which the reader can change. Without a choice, it shows the first one that failed. */
export function DrillPicker({
  view,
  title,
  drill,
  children,
}: {
  readonly view: ViewName
  readonly title: string
  readonly drill: string | undefined
  readonly children: (row: DrillRow, drill: PageDrill) => ComponentChildren
}) {
  const read = async () => {
    const { drills } = await readIndex()
    const rows = filtered(drills, everyDrill).filter(({ hasDetails }) => hasDetails)
    const row = rows.find(({ id }) => id === drill) ?? rows[0]
    return row === undefined ? undefined : { rows, row, details: await readDrill(row.id) }
  }
  return (
    <>
      <h1>{title}</h1>
      <Loaded read={read} of={`${view} ${drill}`}>
        {(found) =>
          found === undefined ? (
            <p>No drill was started.</p>
          ) : (
            <>
              <p class="picker">
                <label>
                  Drill{' '}
                  <select
                    value={found.row.id}
                    onChange={(event) => {
                      location.hash = viewLink(view, event.currentTarget.value)
                    }}
                  >
                    {found.rows.map(({ id, name, outcome, attempt, attempts }) => (
                      <option key={id} value={id}>
                        {outcome}: {name}
                        {attempts > 1 && ` (attempt ${attempt})`}
                      </option>
                    ))}
                  </select>
                </label>
              </p>
              <p>
                <Outcome of={found.row.outcome} /> <a href={drillLink(found.row.id)}>Prose and evidence</a>
              </p>
              {children(found.row, found.details)}
            </>
          )
        }
      </Loaded>
    </>
  )
}
