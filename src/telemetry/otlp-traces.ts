import type { JournalEntry } from '../journal/journal.ts'
import { StartedCases } from '../report/page/started-cases.ts'
import { runOverview } from '../report/run-overview.ts'
import { drillTrace } from './drill-trace.ts'
import { type OtlpSource, otlpScope } from './otlp-json.ts'
import type { Span } from './span.ts'

/** A request to `v1/traces`: an ExportTraceServiceRequest. */
export interface TraceRequest {
  readonly resourceSpans: readonly object[]
}

/** A receiver takes at least 4 MiB at once. */
const maxSpans = 1000

/** Returns the drills of a run as traces, one request after another. Each attempt of a scenario is a trace. */
export function* traceRequests(entries: readonly JournalEntry[], source: OtlpSource): Generator<TraceRequest> {
  const { run, drills, retried } = runOverview(entries)
  const cases = new StartedCases(entries)
  const byDrill = Map.groupBy(entries, ({ drill }) => drill)
  let waiting: Span[] = []
  for (const drill of [...retried, ...drills])
    for (const span of drillTrace({ run, drill, cases, entries: byDrill.get(drill.id) ?? [] })) {
      waiting.push(span)
      if (waiting.length < maxSpans) continue
      yield requestOf(waiting, source)
      waiting = []
    }
  if (waiting.length > 0) yield requestOf(waiting, source)
}

function requestOf(spans: readonly Span[], source: OtlpSource): TraceRequest {
  const scopeSpans = [{ scope: otlpScope(source), spans }]
  return { resourceSpans: [{ resource: { attributes: source.resource }, scopeSpans }] }
}
