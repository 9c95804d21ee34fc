import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { parseSync, type Span } from 'oxc-parser'
import { InputError } from '../errors.ts'
import { closing, styleOf } from '../text/style.ts'
import { cleaned } from './output-guard.ts'
import { describeError } from './print-error.ts'

const checkout = join(import.meta.dirname, '../..')
const sources = globSync('{src,steps}/**/*.ts', {
  cwd: checkout,
  exclude: ['**/*.{test,fixture}.ts', '**/*contract.ts'],
})

/** All that may reach a terminal other than text that this process writes to a guarded stream, and why it is safe. */
const exceptions: Readonly<Record<string, string>> = {
  'src/assess/scan/reader-process.ts: { stdin, stdout } = process': 'lines for the parent, which prints its messages',
  'src/cli/confirm.ts: output: process.stderr': 'a question, which is written as text',
  'src/cli/recover.ts: flags.json ? process.stderr : process.stdout': 'a guarded stream',
  'src/cli/run-drills.ts: flags.json === true ? process.stderr : process.stdout': 'a guarded stream',
  'src/run/cucumber-project.ts: stderr: process.stderr': 'a guarded stream',
  'src/cli/hold.ts: [process.stdout, process.stderr]': 'listens to their errors',
  'src/run/parallel/worker.ts: [process.stdout, process.stderr]': 'listens to their errors',
  'src/cli/hold.ts: pipe(process.stdout)': 'the holder is this program, which guards its output',
  'src/cli/hold.ts: pipe(process.stderr)': 'the holder is this program, which guards its output',
  'src/cli/other-node.ts: inherit': 'the child is this program, which guards its output',
  'src/cli/exercise.ts: inherit': 'texts of the running exercise, which is this program',
  'src/cli/init.ts: inherit': 'npm prints its own progress',
  'src/lab/registry/relay-to-machine.ts: pipeline(process.stdout)': 'bytes for the ssh of a user',
  'src/shell/session.ts: output = process.stdout': 'bytes of a session in a machine, which the user asked for',
  'src/workloadmgr/bin.ts: [process.stdout, process.stderr]':
    'only a listener for errors: a reader that closes the pipe ends nothing',
  'src/workloadmgr/command/trust-commands.ts: output: process.stderr': 'a fixed question on the appliance of a lab',
  'src/shell/session.ts: errors = process.stderr': 'bytes of a session in a machine, which the user asked for',
}

/** Functions that only look at a stream, or write text to it. */
const harmless =
  /^(styleOf|columnsOf|hasColors|guardOutput|new RateLine|createInterface|runCucumber|once|listenToOutput)\(|^\.(on|once|off|isTTY|columns|write|writableLength|emit)$/

type Node = Span & { readonly type: string } & Record<string, unknown>

/** Calls back for each node of a source, with the node around it. */
function walk(text: string, note: (node: Node, parent: Node | undefined) => void): void {
  const look = (value: unknown, parent: Node | undefined): void => {
    if (Array.isArray(value)) for (const one of value) look(one, parent)
    if (typeof value !== 'object' || value === null || typeof (value as Node).type !== 'string') return
    const node = value as Node
    note(node, parent)
    for (const child of Object.values(node)) look(child, node)
  }
  look(parseSync('source.ts', text).program, undefined)
}

/** The places of a source that can print in another way than to write text to a stream of this process. */
function outletsOf(text: string): readonly string[] {
  const found: string[] = []
  const code = ({ start, end }: Span) => text.slice(start, end)
  const note = (node: Node, parent: Node | undefined): void => {
    const own = code(node)
    if (node.type === 'Literal') {
      if (/^(inherit|\/dev\/(tty|stdout|stderr|console|fd\/[12])|\/proc\/self\/fd\/[12])$/.test(`${node['value']}`))
        found.push(`${node['value']}`)
      return
    }
    if (node.type === 'ImportDeclaration' && /^import (?!type)[^]*['"](node:)?process['"]$/.test(own)) found.push(own)
    const init = node['init'] as Node | null | undefined
    if (node.type === 'VariableDeclarator' && init && code(init) === 'process' && /std(out|err)/.test(own))
      found.push(own)
    if (
      node.type === 'CallExpression' &&
      /^(fs\.)?(writeSync|write|writeFileSync|appendFileSync|fsyncSync)\(\s*[12]\b/.test(own)
    )
      found.push(own)
    if (node.type !== 'MemberExpression') return
    if (/^process\.(_rawDebug|emitWarning|binding|openStdin)$/.test(own)) found.push(own)
    if (!/^process\.std(out|err)$/.test(own)) return
    found.push(...unless(harmless, useOf(own, parent)))
  }
  /** What is done with a stream: `.write`, `f(stream)`, or `name = stream`. */
  const useOf = (stream: string, parent: Node | undefined): string => {
    if (parent === undefined) return stream
    if (parent.type === 'MemberExpression') return `.${code(parent['property'] as Node)}`
    if (parent.type === 'CallExpression' || parent.type === 'NewExpression') {
      const callee = code(parent['callee'] as Node)
      const name = callee.slice(callee.lastIndexOf('.') + 1)
      return `${parent.type === 'NewExpression' ? 'new ' : ''}${name}(${stream})`
    }
    if (parent.type === 'AssignmentPattern') return `${code(parent['left'] as Node)} = ${stream}`
    return code(parent).slice(0, 80)
  }
  walk(text, note)
  return found
}

/** The texts of a source that hold values, with each value replaced by another one. */
function templatesOf(text: string): readonly ((value: string) => string)[] {
  const found: ((value: string) => string)[] = []
  walk(text, (node, parent) => {
    if (node.type !== 'TemplateLiteral' || parent?.type === 'TaggedTemplateExpression') return
    const parts = (node['quasis'] as { readonly value: { readonly cooked: string } }[]).map(({ value }) => value.cooked)
    if (parts.length > 1) found.push((value) => parts.join(value))
  })
  return found
}

const hostileValues: Readonly<Record<string, string>> = {
  'control sequences': 'a\x1b[2J\x1b]0;title\x07\x9b31mb',
  'the control sequences of dr-drill': 'a\x1b[31m\x1b[2K\x1b[3A\x1b[G\x1b[J\x1b[39mb',
  NUL: 'a\0b',
  'a return to the beginning of the line': 'a\r✔ forged',
  'directions and invisible characters': 'a\u202e\u2066\u200b\u00ad\u{e0041}\u3164\u115f\uffa0\u2800\u2028\ufeffb',
  'halves of a character': 'a\ud83d \udd25b',
  'another line': 'a\n✔ forged\ndr-drill: forged',
  'a hundred thousand characters': 'x'.repeat(100_000),
}
const dangerous =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it finds them
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u115f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ud800-\udfff]|[\u{e0000}-\u{e0fff}]/u
const colors = ['\x1b[31m', '\x1b[39m', '\x1b[1m', '\x1b[22m']
const withoutColors = (text: string) => colors.reduce((rest, color) => rest.replaceAll(color, ''), text)

const unless = (allowed: RegExp, use: string): readonly string[] => (allowed.test(use) ? [] : [use])

describe('text of this program', () => {
  it('reaches a terminal only through a guarded stream', () => {
    const found = sources.flatMap((file) =>
      outletsOf(readFileSync(join(checkout, file), 'utf8')).map((outlet) => `${file}: ${outlet}`),
    )
    assert.deepEqual([...new Set(found)].toSorted(), Object.keys(exceptions).toSorted())
  })

  it('that leaves in another way is found', () => {
    for (const [source, outlet] of [
      ['console.log(process.stderr.fd)', '.fd'],
      ['child.stderr.pipe(process.stderr)', 'pipe(process.stderr)'],
      ["spawn('x', [], { stdio: 'inherit' })", 'inherit'],
      ['writeSync(2, message)', 'writeSync(2, message)'],
      ['const { stderr: out } = process', '{ stderr: out } = process'],
      ["import { stderr } from 'node:process'", "import { stderr } from 'node:process'"],
      ["createWriteStream('/dev/tty')", '/dev/tty'],
      ['process._rawDebug(message)', 'process._rawDebug'],
      ['process.emitWarning(message)', 'process.emitWarning'],
    ] as const)
      assert.deepEqual(outletsOf(source), [outlet])
    assert.deepEqual(outletsOf('process.stderr.write(`a ${b}`)'), [])
  })

  const templates = sources.flatMap((file) =>
    templatesOf(readFileSync(join(checkout, file), 'utf8')).map((template) => ({ file, template })),
  )
  const style = styleOf({ isTTY: true, columns: 80 }, {})
  const plain = (text: string) => cleaned(text, {})
  for (const [what, value] of Object.entries(hostileValues))
    it(`is safe on a terminal with ${what} as its values`, () => {
      assert.ok(templates.length > 1000)
      // Long values take long, and do not differ from text to text.
      for (const { file, template } of what.includes('thousand') ? templates.slice(0, 20) : templates) {
        const text = template(value)
        const error = plain(describeError(new InputError(text, { remedy: text }), { style }))
        const [first = '', ...others] = error.split('\n')
        assert.ok(first.startsWith('\x1b[31mdr-drill:\x1b[39m '), `${file}: ${first}`)
        for (const line of others) assert.match(line, /^ {2}/, file)
        const sentence = plain(closing(style, 'failed', text, [text]).join('\n'))
        for (const printed of [error, sentence]) assert.doesNotMatch(withoutColors(printed), dangerous, file)
      }
    })
})
