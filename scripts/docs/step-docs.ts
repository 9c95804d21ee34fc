import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The doc comment of a definition. Empty if the definition has none. */
interface Doc {
  readonly description: string
  readonly examples: readonly string[]
  /** What the page shows in place of an optional parameter. */
  readonly shown?: string
}

export interface StepDoc extends Doc {
  readonly keyword: 'Given' | 'When' | 'Then'
  readonly wording: string
}

export interface ParameterDoc extends Doc {
  readonly name: string
}

/** The steps of one file. */
export interface StepSection {
  /** The first line of the file, which is a comment. */
  readonly title: string
  readonly steps: readonly StepDoc[]
}

export interface StepDocs {
  readonly sections: readonly StepSection[]
  readonly parameters: readonly ParameterDoc[]
}

const comment = String.raw`(?:/\*\*((?:(?!\*/)[^])*)\*/\n)?`
const step = new RegExp(String.raw`^${comment}(Given|When|Then)\(\s*(['"])((?:\\.|(?!\3).)*)\3`, 'gm')
const parameter = new RegExp(String.raw`^${comment}defineParameterType\(\{\s*name: '([^']*)'`, 'gm')

/** Reads what the comments in the files of steps/index.ts say about each step and each parameter, in its order. */
export function readStepDocs(checkout: string): StepDocs {
  const folder = join(checkout, 'steps')
  const imports = readFileSync(join(folder, 'index.ts'), 'utf8').matchAll(/^import '\.\/(.*)'$/gm)
  const sources = [...imports].map(([, file = '']) => readFileSync(join(folder, file), 'utf8'))
  return {
    sections: sources
      .map((source) => ({ title: /^\/\/ (.*)\n/.exec(source)?.[1] ?? '', steps: stepsIn(source) }))
      .filter(({ steps }) => steps.length > 0),
    parameters: sources.flatMap(parametersIn),
  }
}

/** The documented steps of a source file. */
export function stepsIn(source: string): readonly StepDoc[] {
  return [...source.matchAll(step)].map(([, doc, keyword, , wording = '']) => ({
    ...docOf(doc),
    keyword: keyword as StepDoc['keyword'],
    wording: wording.replaceAll(/\\(['"])/g, '$1'),
  }))
}

function parametersIn(source: string): readonly ParameterDoc[] {
  return [...source.matchAll(parameter)].map(([, doc, name = '']) => ({ ...docOf(doc), name }))
}

function docOf(text = ''): Doc {
  const plain = text.replaceAll(/^ \* ?/gm, '').trim()
  const [description = '', ...tags] = plain.split(/^@/m)
  const valuesOf = (tag: string): readonly string[] =>
    tags
      .filter((one) => one.startsWith(`${tag} `) || one.startsWith(`${tag}\n`))
      .map((one) => one.slice(tag.length).trim())
  const [shown] = valuesOf('shown')
  return {
    description: description.trim().replaceAll('\n', ' '),
    examples: valuesOf('example'),
    ...(shown !== undefined && { shown }),
  }
}
