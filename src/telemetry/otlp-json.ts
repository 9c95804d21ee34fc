// OTLP as JSON: the JSON mapping of protobuf, with ids in hexadecimal digits and enumerations as numbers. See
// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.9.0/docs/specification.md#json-protobuf-encoding
import { printable } from '../text/printable.ts'

/** 64-bit integers are decimal texts. */
export type AttributeValue =
  | { readonly stringValue: string }
  | { readonly boolValue: boolean }
  | { readonly intValue: string }
  | { readonly doubleValue: number }

export interface KeyValue {
  readonly key: string
  readonly value: AttributeValue
}

/** What sends: a process of dr-drill. */
export interface OtlpSource {
  readonly resource: readonly KeyValue[]
  /** The version of dr-drill. */
  readonly version: string
}

const maxTextChars = 1024

/** Returns attributes. Those that are undefined or empty are left out. */
export function attributesOf(
  facts: Readonly<Record<string, string | number | boolean | undefined>>,
): readonly KeyValue[] {
  return Object.entries(facts).flatMap(([key, value]) =>
    value === undefined || value === '' ? [] : [{ key, value: attributeValue(value) }],
  )
}

function attributeValue(value: string | number | boolean): AttributeValue {
  if (typeof value === 'string') return { stringValue: shownText(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value }
}

/** Returns one line of valid Unicode without control characters, not longer than a receiver stores. */
export function shownText(text: string): string {
  return printable(text.slice(0, maxTextChars).toWellFormed().replaceAll('\n', ' '))
}

/** Returns a time in nanoseconds since 1970. Undefined for a text that is not a time. */
export function nanosOf(time: string | number): string | undefined {
  const ms = typeof time === 'number' ? time : Date.parse(time)
  return Number.isFinite(ms) && ms >= 0 ? String(BigInt(Math.round(ms * 1000)) * 1000n) : undefined
}

/** The library that measured: dr-drill itself. */
export const otlpScope = ({ version }: OtlpSource): { readonly name: string; readonly version: string } => ({
  ...{ name: 'dr-drill', version },
})
