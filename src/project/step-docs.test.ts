import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DataTable } from '@cucumber/cucumber'
import { loadConfiguration, loadSupport } from '@cucumber/cucumber/api'
import { readStepDocs, type StepDoc, stepsIn } from '../../scripts/docs/step-docs.ts'
import { reasonWordings } from '../reason/wording.ts'

const checkout = join(import.meta.dirname, '../..')
const { sections, parameters } = readStepDocs(checkout)
const documented = sections.flatMap(({ steps }) => steps)

/** What a transformer of a parameter finds in `this` before anything starts. */
const reading = {
  parameters: { project: join(checkout, 'fixtures/runbooks'), topologies: join(checkout, 'fixtures/topologies') },
}

interface Expression {
  match(text: string): readonly { getValue(reading: unknown): unknown }[] | null
}

/** The part of Cucumber's library of support code that this test needs. */
interface Support {
  readonly stepDefinitions: readonly {
    readonly pattern: string | RegExp
    readonly expression: Expression
    readonly options: { readonly wrapperOptions?: { readonly readTable?: (table: DataTable) => unknown } }
  }[]
  readonly parameterTypeRegistry: {
    readonly parameterTypes: Iterable<{ readonly name: string; readonly regexpStrings: readonly string[] }>
  }
}

const environment = { cwd: checkout }
const { runConfiguration } = await loadConfiguration({ file: false }, environment)
const { parameterTypeRegistry, stepDefinitions } = (await loadSupport(
  { ...runConfiguration, support: { ...runConfiguration.support, requirePaths: [], importPaths: ['steps/index.ts'] } },
  environment,
)) as unknown as Support

/** The text of an example without its keyword, and its table, if it has one. */
function parseExample(example: string): { readonly text: string; readonly table?: DataTable } {
  const [first = '', ...lines] = example.split('\n')
  const cells = lines.map((line) =>
    /^ {2}\|(.*)\|$/
      .exec(line)?.[1]
      ?.split('|')
      .map((cell) => cell.trim()),
  )
  const rows = cells.filter((row) => row !== undefined)
  return { text: first.replace(/^(Given|When|Then) /, ''), ...(rows.length > 0 && { table: new DataTable(rows) }) }
}

/** Reads an example of a step as a run reads the steps of a feature. @throws when it is not one of this step alone */
function readExample({ keyword, wording }: StepDoc, example: string): void {
  assert.ok(example.startsWith(`${keyword} `), `begins with another keyword than ${keyword}`)
  const { text, table } = parseExample(example)
  const matching = stepDefinitions.filter(({ expression }) => expression.match(text) !== null)
  assert.deepEqual(
    matching.map(({ pattern }) => pattern),
    [wording],
  )
  for (const { expression, options } of matching) {
    for (const value of expression.match(text) ?? []) value.getValue(reading)
    const { readTable } = options.wrapperOptions ?? {}
    if (readTable === undefined) continue
    assert.ok(table !== undefined, 'has no table')
    readTable(table)
  }
}

describe('the comments beside steps', () => {
  it('are read of every step that is registered, each once', () => {
    assert.ok(documented.length > 50, `only ${documented.length} steps were read`)
    assert.deepEqual(
      documented.map(({ wording }) => wording).toSorted(),
      stepDefinitions.map(({ pattern }) => `${pattern}`).toSorted(),
    )
  })

  it('are read of every parameter that is registered', () => {
    const builtIn = [
      '',
      'bigdecimal',
      'biginteger',
      'byte',
      'double',
      'float',
      'int',
      'long',
      'short',
      'string',
      'word',
    ]
    const registered = [...parameterTypeRegistry.parameterTypes].map(({ name }) => name)
    assert.deepEqual(
      parameters.map(({ name }) => name).toSorted(),
      registered.filter((name) => !builtIn.includes(name)).toSorted(),
    )
  })

  it('are in files that begin with a title', () => {
    for (const { title, steps } of sections) assert.notEqual(title, '', `the file of "${steps[0]?.wording}"`)
  })

  for (const one of documented)
    it(`describe the step "${one.wording}", with examples of it`, () => {
      assert.match(one.description, /^[A-Z].*\.$/)
      assert.ok(one.examples.length > 0, 'it has no example')
      for (const example of one.examples) readExample(one, example)
    })

  for (const { name, description, examples, shown } of parameters)
    it(`describe the parameter {${name}}, with examples of it`, () => {
      assert.match(description, /^[A-Z].*\.$/)
      assert.ok(examples.length > 0, 'it has no example')
      const type = [...parameterTypeRegistry.parameterTypes].find((one) => one.name === name)
      const pattern = new RegExp(`^(?:${type?.regexpStrings.join('|')})$`)
      for (const example of examples) assert.match(`${shown === undefined ? '' : ' '}${example}`, pattern)
    })

  it('give an example of every reason', () => {
    const examples = parameters.find(({ name }) => name === 'reason')?.examples ?? []
    for (const words of Object.values(reasonWordings))
      assert.ok(
        examples.some((example) => example.replace(/( of)? "[^"]*"/, '') === words),
        words,
      )
  })
})

describe('the pages of the guide', () => {
  const pages = ['README.md', ...globSync('docs/*.md', { cwd: checkout })]

  /** The steps in blocks of Gherkin, and those that a sentence quotes: `When …`. */
  function quotedSteps(page: string): readonly string[] {
    const blocks = [...page.matchAll(/^```gherkin\n([^]*?)^```$/gm)].map(([, block = '']) => block)
    const lines = blocks.flatMap((block) => [...block.matchAll(/^ *(?:Given|When|Then|And|But) (.*)$/gm)])
    const quotes = [...page.matchAll(/`(?:Given|When|Then) ([^`…{]+)`/g)]
    return [...lines, ...quotes].map(([, text = '']) => text)
  }

  it('quote steps as they are worded', () => {
    const quoted = pages.flatMap((page) =>
      quotedSteps(readFileSync(join(checkout, page), 'utf8')).map((text) => ({ page, text })),
    )
    assert.ok(quoted.length > 100, `only ${quoted.length} steps were found`)
    const unknown = quoted.filter(({ text }) => !stepDefinitions.some(({ expression }) => expression.match(text)))
    assert.deepEqual(unknown, [])
  })

  it('have their steps found in blocks and in sentences', () => {
    const page = 'Then `When it rains`.\n\n```gherkin\nGiven it snows\n  And "it" hails\n```\n'
    assert.deepEqual(quotedSteps(page), ['it snows', '"it" hails', 'it rains'])
  })
})

describe('a step', () => {
  it('without a comment has neither a description nor an example', () => {
    assert.deepEqual(stepsIn("/** Of another step. */\nconst a = 1\nWhen('it rains', () => {})\n"), [
      { keyword: 'When', wording: 'it rains', description: '', examples: [] },
    ])
  })

  it('has a description, examples with a table, and quotes that are not escaped', () => {
    const source = [
      ...['/**', ' * Does it.', " * @example When it's done", ' * @example', " * When it's done", ' *   | so |', ' */'],
      "When(\n  'it\\'s done',\n  () => {},\n)",
    ]
    assert.deepEqual(stepsIn(source.join('\n')), [
      {
        keyword: 'When',
        wording: "it's done",
        description: 'Does it.',
        examples: ["When it's done", "When it's done\n  | so |"],
      },
    ])
  })

  it('is not matched by the example of another step, or with a value that is refused', () => {
    const lost = documented.find(({ wording }) => wording === 'site {siteName} is lost') ?? assert.fail()
    readExample(lost, 'Given site "primary" is lost')
    assert.throws(() => readExample(lost, 'Given site "primary" is upgraded to 4.2'))
    assert.throws(() => readExample(lost, 'When site "primary" is lost'))
    const fails = documented.find(({ wording }) => wording === '{restores} fails because {reason}') ?? assert.fail()
    assert.throws(() => readExample(fails, 'Then every restore fails because pigs fly'), /unknown reason/)
    const mistakes = documented.find(({ wording }) => wording.includes('each of these mistakes')) ?? assert.fail()
    assert.throws(() => readExample(mistakes, (mistakes.examples[0] ?? '').replace('echo', 'ekho')), /ekho/)
  })
})
