/** Keys and indexes that lead to a value, from the outermost. */
export type JsonPath = readonly (string | number)[]

interface Problem {
  readonly offset: number
  readonly message: string
}

/** Where and why a text is not JSON. Undefined for JSON. `JSON.parse` does not always give the position. */
export function syntaxErrorIn(text: string): Problem | undefined {
  return walk(text, () => {})
}

/** The position of the value at a path in JSON; 0 if there is none. For a duplicate key, the last one. */
export function locate(text: string, path: JsonPath): number {
  let found = 0
  walk(text, (within, offset) => {
    if (within.length === path.length && within.every(({ key }, nth) => key === path[nth])) found = offset
  })
  return found
}

/** A value in a JSON text, from its first character to the one after its last. */
export interface JsonSpan {
  readonly path: JsonPath
  readonly start: number
  readonly end: number
}

/**
 * The values of a JSON text at paths that are wanted, in the order of their ends. A duplicate key has several.
 * @throws SyntaxError if the text is not JSON
 */
export function spansOf(text: string, isWanted: (path: JsonPath) => boolean): readonly JsonSpan[] {
  const spans: JsonSpan[] = []
  const starts: number[] = []
  const problem = walk(
    text,
    (within, offset) => {
      starts[within.length] = offset
    },
    (within, end) => {
      const path = within.map(({ key = 0 }) => key)
      if (isWanted(path)) spans.push({ path, start: starts[within.length] ?? 0, end })
    },
  )
  if (problem !== undefined) throw new SyntaxError(problem.message)
  return spans
}

interface Container {
  readonly close: '}' | ']'
  /** The key or index of the last value so far. */
  key?: string | number
}

const blank = /[ \t\n\r]*/y
/** Anything but quotes, backslashes and control characters. */
const plain = /[ !#-[\]-\uffff]*/y
const escaped = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

/** Scans the text without recursion: it may be nested as deep as it is long. */
function walk(
  text: string,
  visit: (within: readonly Container[], offset: number) => void,
  leave: (within: readonly Container[], end: number) => void = () => {},
): Problem | undefined {
  const open: Container[] = []
  let at = text.startsWith('\ufeff') ? 1 : 0

  for (;;) {
    skip(blank)
    const inner = open.at(-1)
    if (inner !== undefined) {
      if (text[at] === inner.close) {
        at += 1
        open.pop()
        leave(open, at)
        if (open.length === 0) return rest()
        continue
      }
      const isFirst = inner.key === undefined
      if (!isFirst && text[at] !== ',') return expected(`, or ${inner.close}`)
      if (!isFirst) at += 1
      skip(blank)
      if (inner.close === ']') inner.key = isFirst ? 0 : Number(inner.key) + 1
      else {
        const start = at
        if (!isString()) return expected(isFirst ? 'a key or }' : 'a key')
        inner.key = JSON.parse(text.slice(start, at)) as string
        skip(blank)
        if (text[at] !== ':') return expected(':')
        at += 1
        skip(blank)
      }
    }
    visit(open, at)
    if (text[at] === '{' || text[at] === '[') open.push({ close: text[at++] === '{' ? '}' : ']' })
    else {
      if (!isString() && !skip(scalar)) return expected('a value')
      leave(open, at)
      if (open.length === 0) return rest()
    }
  }

  /** Returns true if something of that kind was skipped. */
  function skip(pattern: RegExp): boolean {
    pattern.lastIndex = at
    const isThere = pattern.test(text)
    if (isThere) at = pattern.lastIndex
    return isThere
  }

  /** Stops where a string is invalid. */
  function isString(): boolean {
    if (text[at] !== '"') return false
    at += 1
    do skip(plain)
    while (skip(escaped))
    if (text[at] !== '"') return false
    at += 1
    return true
  }

  function rest(): Problem | undefined {
    skip(blank)
    return at < text.length ? expected('the end') : undefined
  }

  function expected(what: string): Problem {
    const [character] = text.slice(at, at + 2)
    const found = character === undefined ? 'end of text' : JSON.stringify(character)
    return { offset: at, message: `not JSON: ${found}, expected ${what}` }
  }
}
