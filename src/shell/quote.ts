import { InputError } from '../errors.ts'
import type { Argv, Script } from './shell.ts'

/**
 * Returns a line that makes a POSIX shell run exactly this program with exactly these arguments. The line can be pasted
 * into a terminal.
 * @throws InputError for text that no shell can pass on: with NUL, or not well-formed Unicode
 */
export function quote(argv: Argv): string {
  const [program, ...args] = argv
  return [quoteProgram(program), ...args.map(quoteWord)].join(' ')
}

/**
 * Returns one word for a POSIX shell, quoted only if necessary.
 * @throws InputError as `quote`
 */
export function quoteWord(text: string): string {
  assertPassable(text, 'an argument')
  if (/^[\w/.,:@%+=-]+$/.test(text)) return text
  return `'${text.replaceAll("'", "'\\''").replaceAll(controls, (control) => `'${spelledOut(control)}'`)}'`
}

/**
 * Returns a script as a line with a here-document: `sh -eu -s -- args <<'EOF' …`. `launcher` is the argv that reads it.
 * @throws InputError as `quote`
 */
export function quoteScript(launcher: Argv, { script }: Script): string {
  assertPassable(script, 'a script')
  const lines = script.split('\n')
  let end = 'EOF'
  while (lines.includes(end)) end += '_'
  return `${quote(launcher)} <<'${end}'\n${script}${script === '' || script.endsWith('\n') ? '' : '\n'}${end}`
}

/** @throws InputError if no shell can pass `text` on unchanged. `what` names the text */
export function assertPassable(text: string, what: string): void {
  if (text.includes('\0')) throw new InputError(`${what} contains a NUL character: ${JSON.stringify(text)}`)
  if (!text.isWellFormed()) throw new InputError(`${what} is not well-formed Unicode: ${JSON.stringify(text)}`)
}

/** Characters that a terminal acts on when they are pasted or printed, or that are invisible: tab, escape, tags … */
const controls = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu

function spelledOut(control: string): string {
  const octal = [...Buffer.from(control)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')
  return `"$(printf '${octal}')"`
}

/** Unquoted, the first word `if` would be a keyword, `a=b` an assignment and `~` a home directory. */
function quoteProgram(program: string): string {
  const word = quoteWord(program)
  return word.startsWith("'") || !(word.includes('=') || keywords.has(word)) ? word : `'${word}'`
}

const keywords = new Set(
  'case coproc do done elif else esac fi for function if in select then time until while'.split(' '),
)
