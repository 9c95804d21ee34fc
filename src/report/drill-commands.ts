import type { JournalEntry } from '../journal/journal.ts'
import { printableLines } from '../text/printable.ts'

/** Reports keep so much of what the commands of one drill printed. The journal has all of it. */
const maxChars = 64 * 1024
const maxCharsOfCommand = 4 * 1024

/** Returns the commands of a drill with their output, as a terminal would have shown them. Long output is cut, and says so. */
export function commandsText(entries: readonly JournalEntry[]): string {
  const parts: string[] = []
  let chars = 0
  let left = 0
  for (const entry of entries) {
    if (entry.kind !== 'command') continue
    const how = entry.exitCode === null ? entry.ended : `exit code ${entry.exitCode}`
    const output = [entry.stdout, entry.stderr].map((text) => text.trimEnd()).filter((text) => text !== '')
    const part = [
      `[${entry.where}] $ ${shortened(entry.command)}`,
      ...output.map(shortened),
      `[${how}, ${Math.round(entry.durationMs)} ms, journal entry ${entry.seq}]`,
    ].join('\n')
    if (chars + part.length > maxChars) left++
    else parts.push(part)
    chars += part.length
  }
  if (left > 0) parts.push(`[${left} more commands are in journal.ndjson]`)
  return printableLines(parts.join('\n'))
}

function shortened(text: string): string {
  if (text.length <= maxCharsOfCommand) return text
  return `${text.slice(0, maxCharsOfCommand)}\n[${text.length - maxCharsOfCommand} more characters are in journal.ndjson]`
}
