import type { Gauge, Sample } from '../metrics/open-metrics.ts'
import { attributesOf, nanosOf, type OtlpSource, otlpScope } from './otlp-json.ts'

/** A request to `v1/metrics`: an ExportMetricsServiceRequest. */
export interface MetricsRequest {
  readonly resourceMetrics: readonly object[]
}

/** Returns gauges as one request. Their names are those of the text format, so that the same alerts work. */
export function metricsRequest(gauges: readonly Gauge[], source: OtlpSource, nowMs: number): MetricsRequest {
  const timeUnixNano = nanosOf(nowMs) ?? '0'
  const metrics = gauges
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) => ({
      ...{ name, description: help, unit: name.endsWith('_seconds') ? 's' : '' },
      gauge: { dataPoints: samples.map((sample) => pointOf(sample, timeUnixNano)) },
    }))
  return {
    resourceMetrics: [
      { resource: { attributes: source.resource }, scopeMetrics: [{ scope: otlpScope(source), metrics }] },
    ],
  }
}

function pointOf({ labels = {}, value }: Sample, timeUnixNano: string): object {
  // JSON has no other numbers.
  return { attributes: attributesOf(labels), timeUnixNano, asDouble: Number.isFinite(value) ? value : String(value) }
}
