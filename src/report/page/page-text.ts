import { createHash } from 'node:crypto'
import { printableLines } from '../../text/printable.ts'

/** Longer texts are not in the page. */
const maxTextChars = 256 * 1024

/** The shown beginning of a text that is too long. */
const shownChars = 4096

/** The progress of `qemu-img`, which overwrites its own line. */
const overwrittenProgress = /(?:[ ]*\(\d+\.\d+\/100%\)\r)+(?=[ ]*\(\d+\.\d+\/100%\))/g

/** Returns a recorded text as a page shows it: nothing in it is invisible, and it is not longer than a page can show. */
function pageText(text: string): string {
  if (text.length > maxTextChars) {
    const digest = contentDigest(text)
    return `${pageText(text.slice(0, shownChars))}\n… ${text.length} characters, ${digest}: too long for this page. See journal.ndjson.`
  }
  const lines = text.includes('\r') ? text.replaceAll(overwrittenProgress, '').replaceAll('\r\n', '\n') : text
  return isPlain(lines) ? lines : printableLines(lines)
}

/** Returns a value whose texts are as `pageText` returns them. */
export function withPageTexts<Value>(value: Value): Value {
  return mapped(value) as Value
}

/** Returns one line that is not longer than `maxChars`. */
export function clipped(text: string, maxChars: number): string {
  const line = pageText(text.slice(0, maxChars * 4))
    .replaceAll(/\s+/g, ' ')
    .trim()
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 1).trimEnd()}…`
}

export function contentDigest(content: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

function mapped(value: unknown): unknown {
  if (typeof value === 'string') return pageText(value)
  if (Array.isArray(value)) return value.map(mapped)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [pageText(key), mapped(inner)]))
}

/** True for text that consists of printable ASCII and line feeds. The thorough search is ten times slower. */
function isPlain(text: string): boolean {
  return !/[^\n\t\x20-\x7e]/.test(text)
}
