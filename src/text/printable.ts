/** Everything that a terminal acts on, or that hides or turns round what is beside it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about
const hostile = /[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}/gu

/** Text from a target, safe on a terminal: what is not plain is written as JSON writes it. */
export function printable(text: string): string {
  return text.replaceAll(hostile, escaped)
}

/** JSON on one line, of characters that are safe on a terminal. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(hostile, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
