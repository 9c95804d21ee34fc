import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseSync } from 'oxc-parser'

/** One piece of text that people read: a string, a comment, a line of a page or of a feature. */
export interface Prose {
  readonly file: string
  readonly line: number
  readonly text: string
}

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** The strings, template texts and comments of a source file. */
export function proseOfSource(file: string, source: string): readonly Prose[] {
  const { program, comments } = parseSync(file, source)
  const found: { start: number; text: string }[] = comments.map(({ start, value }) => ({ start, text: value }))
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one)
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return
    const { type, start } = node as Node
    if (type === 'ImportDeclaration') return
    if (type === 'Literal') {
      const { value } = node as { value?: unknown }
      if (typeof value === 'string') found.push({ start, text: value })
    }
    if (type === 'TemplateElement') found.push({ start, text: (node as { value?: { raw: string } }).value?.raw ?? '' })
    for (const value of Object.values(node)) visit(value)
  }
  visit(program)
  return found.flatMap(({ start, text }) => {
    const first = source.slice(0, start).split('\n').length
    return text.split('\n').map((line, index) => ({ file, line: first + index, text: line.replace(/^\s*\* ?/, '') }))
  })
}

/** The lines of a page, a feature or a script. */
export function proseOfText(file: string, text: string): readonly Prose[] {
  return text.split('\n').map((line, index) => ({ file, line: index + 1, text: line }))
}

/** Everything that people read in a checkout. */
export function proseOf(checkout: string): readonly Prose[] {
  const exclude = ['src/words.*', '**/node_modules/**']
  const list = (pattern: string) => globSync(pattern, { cwd: checkout, exclude }).sort()
  const read = (file: string) => readFileSync(join(checkout, file), 'utf8')
  return [
    ...list('{src,steps,features,scripts,bench,page}/**/*.{ts,tsx}').flatMap((file) => proseOfSource(file, read(file))),
    ...list(
      '{features/**/*.feature,docs/**/*.md,*.md,.github/**/*.{md,yml,yaml},src/**/*.py,drill,dr-drill.config.yaml}',
    ).flatMap((file) => proseOfText(file, read(file))),
  ]
}

/** A phrase that must not be used, and what to write instead. */
export interface Banned {
  readonly phrase: RegExp
  readonly instead: string
}

/** Each use of a banned phrase, as `file:line: phrase (instead)`. */
export function bannedIn(prose: readonly Prose[], banned: readonly Banned[]): readonly string[] {
  return prose.flatMap(({ file, line, text }) =>
    banned.flatMap(({ phrase, instead }) => {
      const [match] = phrase.exec(text) ?? []
      return match === undefined ? [] : [`${file}:${line}: "${match.trim()}" (write: ${instead})`]
    }),
  )
}
