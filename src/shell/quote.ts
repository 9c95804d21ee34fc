import { InputError } from '../errors.ts'
import type { Argv, Script } from './shell.ts'

/**
 * The line that makes a POSIX shell run exactly this program with exactly these arguments, and that can be pasted
 * into a terminal.
 * @throws InputError for what no shell can pass on: NUL, and text that is not well-formed Unicode
 */
export function quote(argv: Argv): string {
  const [program, ...args] = argv
  return [quoteProgram(program), ...args.map(quoteWord)].join(' ')
}

/**
 * One word for a POSIX shell, quoted only if it must be.
 * @throws InputError as `quote`
 */
export function quoteWord(text: string): string {
  assertPassable(text, 'an argument')
  if (/^[\w/.,:@%+=-]+$/.test(text)) return text
  return `'${text.replaceAll("'", "'\\''").replaceAll(controls, (control) => `'${spelledOut(control)}'`)}'`
}

/**
 * A script as a line and its here-document: `sh -eu -s -- args <<'EOF' …`. `launcher` is the argv that reads it.
 * @throws InputError as `quote`
 */
export function quoteScript(launcher: Argv, { script }: Script): string {
  assertPassable(script, 'a script')
  const lines = script.split('\n')
  let end = 'EOF'
  while (lines.includes(end)) end += '_'
  return `${quote(launcher)} <<'${end}'\n${script}${script === '' || script.endsWith('\n') ? '' : '\n'}${end}`
}

/** @throws InputError if `text` cannot reach a program unchanged; `what` names it */
export function assertPassable(text: string, what: string): void {
  if (text.includes('\0')) throw new InputError(`${what} has a NUL character: ${JSON.stringify(text)}`)
  if (!text.isWellFormed()) throw new InputError(`${what} is not well-formed Unicode: ${JSON.stringify(text)}`)
}

/** A terminal acts on these when they are pasted or printed (tab, carriage return, escape …); newlines are fine. */
const controls = /(?!\n)\p{Cc}/gu

function spelledOut(control: string): string {
  const octal = [...Buffer.from(control)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  return `"$(printf '${octal}')"`
}

/** As the first word, `if` is a keyword, `a=b` an assignment and `~` somebody's home, unless quoted. */
function quoteProgram(program: string): string {
  const word = quoteWord(program)
  return word.startsWith("'") || !(word.includes('=') || keywords.has(word)) ? word : `'${word}'`
}

const keywords = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
)
