import { duration } from '../../../src/text/duration.ts'
import { entryLink } from '../data/route.ts'
import { clockText } from '../data/time-text.ts'
import { type Timeline, timelineOf } from '../data/timeline.ts'
import { DrillPicker } from '../parts/drill-picker.tsx'
import { RunTimeline } from '../parts/run-timeline.tsx'
import { TimelineChart } from '../parts/timeline-chart.tsx'

/** When things happened: all drills of the run, and the phases, nodes, faults and reboots of one drill. */
export function TimelineView({ drill }: { readonly drill: string | undefined }) {
  return (
    <>
      <DrillPicker view="timeline" title="Timeline" drill={drill}>
        {(row, { entries }) => {
          const timeline = timelineOf(entries)
          return timeline === undefined ? (
            <p>The journal holds no times of this drill.</p>
          ) : (
            <>
              <TimelineChart key={row.id} drill={row.id} timeline={timeline} />
              <Times drill={row.id} timeline={timeline} />
            </>
          )
        }}
      </DrillPicker>
      <RunTimeline />
    </>
  )
}

/** The same as the picture, in words. */
function Times({ drill, timeline: { phases, marks } }: { readonly drill: string; readonly timeline: Timeline }) {
  return (
    <>
      <h2>Phases</h2>
      <ol class="plain">
        {phases.map(({ label, startMs, endMs, seq, isBad }) => (
          <li key={seq}>
            <a href={entryLink(drill, seq)}>{label}</a>: {duration(endMs - startMs)}, from{' '}
            {clockText(new Date(startMs).toISOString())}
            {isBad && ', without an end in the journal'}
          </li>
        ))}
      </ol>
      <h2>Faults and reboots</h2>
      {marks.length === 0 && <p>The journal of this drill holds no fault and no reboot.</p>}
      <ol class="plain">
        {marks.map(({ label, atMs, seq, kind }) => (
          <li key={seq}>
            {kind}: <a href={entryLink(drill, seq)}>{label}</a>, {clockText(new Date(atMs).toISOString())}
          </li>
        ))}
      </ol>
    </>
  )
}
