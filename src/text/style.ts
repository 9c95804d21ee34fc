import { inspect } from 'node:util'
import { controlSequence } from './control-sequences.ts'
import { columnsOf, type ProgressStream, wrap } from './terminal.ts'

const formats = { good: 'green', bad: 'red', unsure: 'yellow', quiet: 'gray', strong: 'bold' } as const

/** The meaning of a color. */
export type Tone = keyof typeof formats

const marks = {
  passed: ['✔', 'good'],
  failed: ['✘', 'bad'],
  unknown: ['?', 'unsure'],
  'not run': ['–', 'quiet'],
} as const satisfies Record<string, readonly [string, Tone]>

/** The meaning of a mark. */
export type Mark = keyof typeof marks

/** The look of text on one stream: its colors, and the columns to fit in. */
export interface Style {
  readonly columns: number
  /** Colors a text if the stream has colors. */
  paint(tone: Tone, text: string): string
  /** Returns `✔`, `✘`, `?` or `–`, colored if the stream has colors. */
  mark(mark: Mark): string
}

type Variables = Readonly<Record<string, string | undefined>>

/** Returns the style of a stream. By default, only a terminal has colors. */
export function styleOf(stream: Pick<ProgressStream, 'isTTY' | 'columns'>, variables: Variables = process.env): Style {
  return makeStyle(columnsOf(stream), hasColors(stream, variables))
}

/** Text without colors, for files and tests. */
export const plainStyle: Style = makeStyle(80, false)

/** True if a stream has colors. `NO_COLOR` wins over `FORCE_COLOR`, and both win over the kind of stream. */
export function hasColors({ isTTY }: Pick<ProgressStream, 'isTTY'>, variables: Variables = process.env): boolean {
  const { NO_COLOR: none = '', FORCE_COLOR: forced, TERM: terminal } = variables
  if (none !== '') return false
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return isTTY === true && terminal !== 'dumb'
}

/** The last lines of a command: a mark, the result, and the next commands, which are never wrapped. */
export function closing(style: Style, mark: Mark, sentence: string, next: readonly string[] = []): readonly string[] {
  const [first = '', ...others] = wrap(sentence, style.columns - 2)
  return [
    `${style.mark(mark)} ${style.paint('strong', first)}`,
    ...others.map((line) => `  ${style.paint('strong', line)}`),
    ...next.map((command, index) => `${index === 0 ? '  Next:' : '       '} ${command}`),
  ]
}

function makeStyle(columns: number, isColored: boolean): Style {
  const paint = (tone: Tone, text: string): string => {
    if (!isColored || text === '') return text
    const [begin, end] = inspect.colors[formats[tone]] ?? [0, 0]
    return `${controlSequence(`${begin}m`)}${text}${controlSequence(`${end}m`)}`
  }
  return {
    columns,
    paint,
    mark: (mark) => paint(marks[mark][1], marks[mark][0]),
  }
}
