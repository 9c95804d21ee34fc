/** Characters that a terminal acts on, that are invisible, or that change the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are to be found
const hostile = /[\0-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}/gu

/** Returns text from a target that is safe on a terminal: hostile characters are escaped as in JSON. */
export function printable(text: string): string {
  return text.replaceAll(hostile, escaped)
}

/** Returns one line of JSON that is safe on a terminal. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(hostile, escaped)
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
