/** A token of a Python or JSON literal: a string, a bracket, a separator, or a word. */
interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
}

const token = /\s*(?:([bru]*(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))|([[\](){},:])|([^\s[\](){},:'"]+))/suy

/**
 * The value of `enabled` in a schedule, a text in the style of a Python dictionary (`{'enabled': True, …}`) or of JSON.
 * Undefined if the text has none, or is something else.
 */
export function isScheduleEnabled(schedule: string): boolean | undefined {
  const value = enabledIn(schedule)
  return value === undefined ? undefined : truth(value.text)
}

/**
 * Returns a schedule with another value of `enabled`, and all else as it is. Undefined if it has no such value.
 */
export function withScheduleEnabled(schedule: string, isEnabled: boolean): string | undefined {
  const value = enabledIn(schedule)
  if (value === undefined || truth(value.text) === undefined) return undefined
  if (truth(value.text) === isEnabled) return schedule
  const written = writtenLike(value.text, isEnabled)
  return schedule.slice(0, value.start) + written + schedule.slice(value.end)
}

/** The token after the key `enabled` of the outermost dictionary. */
function enabledIn(schedule: string): Token | undefined {
  const tokens = tokensOf(schedule)
  if (tokens[0]?.text !== '{') return undefined
  let depth = 0
  for (const [at, { text }] of tokens.entries()) {
    if (/^[[({]$/.test(text)) depth++
    else if (/^[\])}]$/.test(text)) depth--
    const isKey = depth === 1 && /^[bru]*(['"])enabled\1$/.test(text) && tokens[at + 1]?.text === ':'
    // A value follows a colon: it is not a key.
    if (isKey && tokens[at - 1]?.text !== ':') return tokens[at + 2]
  }
  return undefined
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = []
  token.lastIndex = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const found = match[1] ?? match[2] ?? match[3] ?? ''
    tokens.push({ text: found, start: token.lastIndex - found.length, end: token.lastIndex })
  }
  return tokens
}

const bare = (text: string): string => text.replace(/^[bru]*(['"])(.*)\1$/s, '$2')

function truth(text: string): boolean | undefined {
  if (/^(true|1)$/i.test(bare(text))) return true
  return /^(false|0)$/i.test(bare(text)) ? false : undefined
}

/** Keeps the style: `True`, `true`, `1`, and their quotes. */
function writtenLike(text: string, value: boolean): string {
  const [word, first = ''] = [bare(text), bare(text).charAt(0)]
  const usual = value ? 'true' : 'false'
  const capitalized = /[TF]/.test(first) ? (value ? 'True' : 'False') : usual
  return text.replace(word, /^[01]$/.test(word) ? String(Number(value)) : capitalized)
}
