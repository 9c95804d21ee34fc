import type { DrillRow } from '../../../src/report/page/page-data.ts'
import { duration } from '../../../src/text/duration.ts'
import { readIndex } from '../data/page-source.ts'
import { viewLink } from '../data/route.ts'
import { Loaded } from './loaded.tsx'
import { className, Outcome } from './marks.tsx'

const maxShown = 200

/** All drills of a run on one clock. */
export function RunTimeline() {
  return (
    <section>
      <h2>All drills of the run</h2>
      <Loaded read={readIndex} of="index">
        {({ drills }) => <Bars rows={drills.filter(({ hasDetails }) => hasDetails)} />}
      </Loaded>
    </section>
  )
}

function Bars({ rows }: { readonly rows: readonly DrillRow[] }) {
  const starts = rows.map(({ startedAt }) => Date.parse(startedAt)).filter((ms) => !Number.isNaN(ms))
  const fromMs = starts.reduce((least, ms) => Math.min(least, ms), Number.POSITIVE_INFINITY)
  const toMs = rows.reduce((most, row) => Math.max(most, Date.parse(row.startedAt) + row.durationMs || 0), fromMs + 1)
  const percent = (ms: number): string => `${(ms / (toMs - fromMs)) * 100}%`
  return (
    <>
      <ol class="run-timeline">
        {rows.slice(0, maxShown).map(({ id, name, outcome, startedAt, durationMs }) => (
          <li key={id}>
            <span class="name">
              <Outcome of={outcome} isShort /> <a href={viewLink('timeline', id)}>{name}</a>
            </span>
            <span class="track" aria-hidden="true">
              <span
                class={`span ${className(outcome)}`}
                style={{ left: percent(Date.parse(startedAt) - fromMs), width: percent(durationMs) }}
              />
            </span>
            <span class="time">{duration(durationMs)}</span>
          </li>
        ))}
      </ol>
      {rows.length > maxShown && <p class="more">… and {rows.length - maxShown} more.</p>}
    </>
  )
}
