import type { KeyValue } from './otlp-json.ts'

/** A span of OTLP. */
export interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  /** INTERNAL. */
  readonly kind: 1
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly KeyValue[]
  readonly events: SpanEvent[]
  /** Not set, OK or ERROR. */
  readonly status: { readonly code: 0 | 1 | 2; readonly message?: string }
}

export interface SpanEvent {
  readonly timeUnixNano: string
  readonly name: string
  readonly attributes: readonly KeyValue[]
}
