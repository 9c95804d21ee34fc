import { randomInt } from 'node:crypto'

/** Parameters that terminals ignore. Each process has others, so that no name from outside can contain them. */
const mark = Array.from({ length: 3 }, () => randomInt(1000, 10_000)).join(';')
const marked = new RegExp(`\\x1b\\[${mark};(\\d{0,4}[AGJKm])`)

/** Returns a control sequence of dr-drill itself, e.g. `31m` for a color, or `2K`. All others are escaped as text. */
export function controlSequence(code: string): string {
  return `\x1b[${mark};${code}`
}

/** Returns what a terminal receives: dr-drill's own control sequences, and between them what `clean` makes of the text. */
export function terminalText(text: string, clean: (part: string) => string): string {
  return text
    .split(marked)
    .map((part, index) => (index % 2 === 0 ? clean(part) : `\x1b[${part}`))
    .join('')
}
