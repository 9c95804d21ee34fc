import { parseJournal, type ReadJournal } from '../journal/journal-file.ts'
import { environmentSecrets, type RedactionCounts, Redactor } from '../text/redact.ts'

export interface RedactedJournal extends ReadJournal {
  /** Its content. The same bytes as before if it held no secret. */
  readonly content: Uint8Array
  /** Undefined if it held no secret. */
  readonly counts?: RedactionCounts
}

/**
 * Replaces secrets in a journal, which those of older versions of dr-drill may hold. Each entry counts what was replaced in
 * it, as if it had been when it was recorded.
 * @param source the file, for messages
 * @throws InputError if it is not a journal
 */
export function redactJournal(content: Uint8Array, source: string): RedactedJournal {
  const text = Buffer.from(content).toString('utf8')
  const { entries, torn } = parseJournal([content], source)
  const redactor = new Redactor(environmentSecrets(process.env), lastNumber(text))
  const rest = text.slice(text.lastIndexOf('\n') + 1)
  // A secret that only a later entry has in a form that is recognized is replaced in earlier ones, too.
  for (const part of [...entries, rest]) redactor.redact(part)
  const total: Record<string, number> = {}
  const add = (counts: RedactionCounts, sum: Record<string, number>): Record<string, number> => {
    for (const [kind, count] of Object.entries(counts)) sum[kind] = (sum[kind] ?? 0) + count
    return sum
  }
  const redacted = entries.map((entry) => {
    const { value, counts } = redactor.redact(entry)
    if (counts === undefined) return entry
    add(counts, total)
    return { ...value, redacted: add(counts, { ...entry.redacted }) }
  })
  const { value: redactedRest, counts } = redactor.redact(rest)
  add(counts ?? {}, total)
  if (Object.keys(total).length === 0) return { entries, torn, content }
  const lines = redacted.map((entry) => `${JSON.stringify(entry)}\n`)
  return { entries: redacted, torn, content: Buffer.from(lines.join('') + redactedRest), counts: total }
}

/** The highest number of a placeholder: those of other secrets must not get it again. */
function lastNumber(text: string): number {
  let last = 0
  for (const [, number] of text.matchAll(/\[redacted-[a-zA-Z-]+-(\d{1,9})\]/g)) last = Math.max(last, Number(number))
  return last
}
