import { useState } from 'preact/hooks'
import { duration } from '../../../src/text/duration.ts'
import { entryLink } from '../data/route.ts'
import { merged, type Timeline, type TimeSpan } from '../data/timeline.ts'

interface Window {
  readonly fromMs: number
  readonly toMs: number
}

/** Spans that are closer than this part of the window are drawn as one. */
const minGap = 0.002

/** Phases over nodes, with faults and reboots as lines. It zooms into a phase, and with its buttons. */
export function TimelineChart({ drill, timeline }: { readonly drill: string; readonly timeline: Timeline }) {
  const whole: Window = { fromMs: timeline.startMs, toMs: timeline.endMs }
  const [shown, setShown] = useState(whole)
  const widthMs = shown.toMs - shown.fromMs
  const left = (ms: number): string => `${((ms - shown.fromMs) / widthMs) * 100}%`
  const placed = ({ startMs, endMs }: TimeSpan) => {
    const from = Math.max(startMs, shown.fromMs)
    const to = Math.min(endMs, shown.toMs)
    return { left: left(from), width: `${(Math.max(0, to - from) / widthMs) * 100}%` }
  }
  const isShown = ({ startMs, endMs }: TimeSpan): boolean => endMs >= shown.fromMs && startMs <= shown.toMs
  const zoom = (by: number): void => {
    const middle = (shown.fromMs + shown.toMs) / 2
    setShown(inside(whole, { fromMs: middle - (widthMs * by) / 2, toMs: middle + (widthMs * by) / 2 }))
  }
  const move = (by: number): void =>
    setShown(inside(whole, { fromMs: shown.fromMs + widthMs * by, toMs: shown.toMs + widthMs * by }))
  return (
    <div class="timeline">
      <p class="zoom no-print">
        <button type="button" onClick={() => zoom(0.5)}>
          Zoom in
        </button>{' '}
        <button type="button" onClick={() => zoom(2)}>
          Zoom out
        </button>{' '}
        <button type="button" onClick={() => move(-0.5)}>
          Earlier
        </button>{' '}
        <button type="button" onClick={() => move(0.5)}>
          Later
        </button>{' '}
        <button type="button" onClick={() => setShown(whole)}>
          Whole drill
        </button>{' '}
        <span role="status">
          {duration(shown.fromMs - timeline.startMs)} to {duration(shown.toMs - timeline.startMs)}
        </span>
      </p>
      <div class="lanes" aria-hidden="true">
        <div class="lane phases">
          <span class="name">phases</span>
          <div class="track">
            {timeline.phases.filter(isShown).map((span) => (
              <button
                type="button"
                key={span.seq}
                tabIndex={-1}
                class={`phase ${span.label.replaceAll(' ', '-')}`}
                style={placed(span)}
                title={`${span.label}, ${duration(span.endMs - span.startMs)}. Click to zoom.`}
                onClick={() => setShown(inside(whole, around(span)))}
              >
                {span.label}
              </button>
            ))}
          </div>
        </div>
        {timeline.lanes.map(({ node, spans }) => (
          <div key={node} class="lane">
            <span class="name">{node}</span>
            <div class="track">
              {merged(spans.filter(isShown), widthMs * minGap).map((span) => (
                <a
                  key={span.seq}
                  tabIndex={-1}
                  class={span.isBad ? 'span bad' : 'span'}
                  style={placed(span)}
                  href={entryLink(drill, span.seq)}
                  title={`${span.label} (${Math.round(span.endMs - span.startMs)} ms)`}
                >
                  <span class="for-readers">{span.label}</span>
                </a>
              ))}
            </div>
          </div>
        ))}
        <div class="lane marks">
          <span class="name">faults, reboots</span>
          <div class="track">
            {timeline.marks
              .filter(({ atMs }) => atMs >= shown.fromMs && atMs <= shown.toMs)
              .map(({ atMs, kind, label, seq }) => (
                <a
                  key={seq}
                  tabIndex={-1}
                  class={`mark ${kind}`}
                  style={{ left: left(atMs) }}
                  href={entryLink(drill, seq)}
                  title={label}
                >
                  {kind === 'fault' ? '⚡' : '⟳'}
                </a>
              ))}
          </div>
        </div>
      </div>
    </div>
  )
}

/** Returns a window that is a bit wider than a phase. */
function around({ startMs, endMs }: TimeSpan): Window {
  const margin = (endMs - startMs) * 0.05
  return { fromMs: startMs - margin, toMs: endMs + margin }
}

/** Returns the part of a window that lies in the drill, of at least 10 ms. */
function inside(whole: Window, { fromMs, toMs }: Window): Window {
  const width = Math.min(Math.max(toMs - fromMs, 10), whole.toMs - whole.fromMs)
  const from = Math.min(Math.max(fromMs, whole.fromMs), whole.toMs - width)
  return { fromMs: from, toMs: from + width }
}
