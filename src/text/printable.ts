/**
 * Characters that a terminal acts on, that are invisible, or that change the direction of text: controls, formats, fillers,
 * tags, line separators, the Braille blank, and halves of characters.
 */
const hostileCharacters = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]`
const hostile = new RegExp(hostileCharacters, 'gu')
const hostileInLines = new RegExp(String.raw`(?![\n\t])${hostileCharacters}`, 'gu')

/** Returns a name or a sentence that is safe on a terminal: hostile characters are escaped as in JSON. */
export function printable(text: string): string {
  return text.replaceAll(hostile, escaped)
}

/** Returns text that is safe on a terminal, and keeps its lines and tabs. */
export function printableLines(text: string): string {
  return text.replaceAll(hostileInLines, escaped)
}

/** Returns one line of JSON that is safe on a terminal. */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value))
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('')
}
