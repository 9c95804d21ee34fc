import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseSync } from 'oxc-parser'

/** One exported declaration, as the compiler writes it into the package. */
export interface Declaration {
  readonly name: string
  /** The first sentence of its comment. Undefined without a comment. */
  readonly summary?: string
  /** Its signature; of a class without what only dr-drill calls. */
  readonly code: string
  /** True if only its type is exported. */
  readonly isType: boolean
  /** Names of declarations that its signature uses directly, by the file that declares them. */
  readonly uses: readonly Place[]
}

/** Where a name is declared. */
export interface Place {
  readonly file: string
  readonly name: string
}

/** The exports of a module, in their order: what they are called, and where they are declared. */
export interface Export extends Place {
  readonly exportedAs: string
  readonly isType: boolean
  /** The name of the object that holds it: `export * as byHand`. */
  readonly within?: string
  /** The module that it comes from, as the exporting module writes it. */
  readonly from?: string
}

// biome-ignore lint/suspicious/noExplicitAny: the syntax tree is walked without looking at its types.
type Node = any

interface Module {
  readonly text: string
  readonly nodes: ReadonlyMap<string, { readonly statement: Node; readonly declaration: Node }>
  readonly imports: ReadonlyMap<string, { readonly source: string; readonly name: string }>
  readonly exports: readonly {
    readonly name: string
    readonly local: string
    readonly source: string
    readonly isType: boolean
  }[]
}

/** The declaration files of the package, written by the compiler into a temporary folder. */
export class Declarations implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dr-drill-api-'))
  readonly #modules = new Map<string, Module>()

  constructor(checkout: string) {
    const options = ['-p', 'tsconfig.build.json', '--emitDeclarationOnly', '--outDir', this.#folder]
    const { status, stdout } = spawnSync(join(checkout, 'node_modules/.bin/tsc'), options, {
      cwd: checkout,
      encoding: 'utf8',
    })
    if (status === 0) return
    this[Symbol.dispose]()
    throw new Error(`tsc cannot write declarations:\n${stdout}`)
  }

  /** Returns the exports of a source file, e.g. `src/index.ts`. Those of `export *` are listed one by one. */
  exportsOf(file: string): readonly Export[] {
    return this.#module(file).exports.flatMap(({ name, local, source, isType }): readonly Export[] => {
      const target = join(dirname(file), source)
      if (local !== '*') return [{ ...this.#find(target, local), exportedAs: name, isType }]
      const inner = [...this.exportsOf(target), ...this.#declaredIn(target)]
      return inner.map((one) => ({ ...one, from: source, ...(name !== '*' && { within: name }) }))
    })
  }

  read({ file, name }: Place, isType: boolean): Declaration {
    const { text, nodes } = this.#module(file)
    const found = nodes.get(name)
    if (found === undefined) throw new Error(`${file} does not declare ${name}`)
    const { statement, declaration } = found
    const members: readonly Node[] = declaration.type === 'ClassDeclaration' ? declaration.body.body : []
    const left = members.filter((member) => isHidden(member, isType))
    const code = left.reduceRight(
      (all, { start, end }) => all.slice(0, start).replace(indentAndComment, '') + all.slice(end).replace(/^;?\n/, ''),
      text.slice(0, statement.end),
    )
    const summary = summaryOf(indentAndComment.exec(text.slice(0, statement.start))?.[1])
    const kept =
      members.length === 0 ? declaration : { ...declaration, body: members.filter((one) => !left.includes(one)) }
    return {
      name,
      ...(summary !== undefined && { summary }),
      code: tidy(code.slice(statement.start)),
      isType,
      uses: this.#uses(file, kept),
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #declaredIn(file: string): readonly Export[] {
    const isExported = (statement: Node): boolean => statement.type === 'ExportNamedDeclaration'
    return [...this.#module(file).nodes]
      .filter(([, { statement }]) => isExported(statement))
      .map(([name, { declaration }]) => ({ file, name, exportedAs: name, isType: declaration.type.startsWith('TS') }))
  }

  /** Follows re-exports and imports to the file that declares a name. */
  #find(file: string, name: string): Place {
    const module = this.#module(file)
    if (module.nodes.has(name)) return { file, name }
    const handed = module.exports.find((one) => one.name === name)
    const from = handed === undefined ? module.imports.get(name) : { source: handed.source, name: handed.local }
    if (from?.source.startsWith('.') !== true) return { file: '', name }
    return this.#find(join(dirname(file), from.source), from.name)
  }

  #uses(file: string, declaration: Node): readonly Place[] {
    const places = [...referencesIn(declaration)].map(({ source, name }) =>
      this.#find(source === undefined ? file : join(dirname(file), source), name),
    )
    // Packages are not ours to describe.
    return places.filter((place) => place.file !== '')
  }

  #module(file: string): Module {
    const known = this.#modules.get(file)
    if (known !== undefined) return known
    const module = parseModule(readFileSync(join(this.#folder, file.replace(/\.ts$/, '.d.ts')), 'utf8'))
    this.#modules.set(file, module)
    return module
  }
}

function parseModule(text: string): Module {
  const nodes = new Map<string, { readonly statement: Node; readonly declaration: Node }>()
  const imports = new Map<string, { readonly source: string; readonly name: string }>()
  const exports: Module['exports'][number][] = []
  for (const statement of parseSync('module.d.ts', text).program.body as readonly Node[]) {
    const { type, source, specifiers, declaration = statement } = statement
    if (type === 'ImportDeclaration')
      for (const { local, imported } of specifiers)
        imports.set(local.name, { source: source.value, name: imported?.name ?? 'default' })
    else if (type === 'ExportAllDeclaration')
      exports.push({ name: statement.exported?.name ?? '*', local: '*', source: source.value, isType: false })
    else if (type === 'ExportNamedDeclaration' && statement.declaration === null && source !== null)
      for (const { exported, local, exportKind } of specifiers) {
        const isType = statement.exportKind === 'type' || exportKind === 'type'
        exports.push({ name: exported.name, local: local.name, source: source.value, isType })
      }
    else if (declaration !== null)
      for (const { id } of declaration.declarations ?? [declaration])
        if (id?.name !== undefined) nodes.set(id.name, { statement, declaration })
  }
  return { text, nodes, imports, exports }
}

/** Private members, and, where only the type is exported, all that has to do with making an instance. */
function isHidden({ key, kind, static: isStatic, accessibility }: Node, isType: boolean): boolean {
  if (key?.type === 'PrivateIdentifier' || accessibility === 'private') return true
  return isType && (kind === 'constructor' || isStatic === true)
}

function* referencesIn(node: Node): Generator<{ readonly source?: string; readonly name: string }> {
  if (node === null || typeof node !== 'object') return
  const { type, typeName, source, qualifier, expression, superClass, exprName } = node
  if (type === 'TSTypeReference' && typeName.type === 'Identifier') yield { name: typeName.name }
  if (type === 'TSImportType' && qualifier?.name) yield { source: source.value, name: qualifier.name }
  if (type === 'TSInterfaceHeritage' && expression.name) yield { name: expression.name }
  if (type === 'ClassDeclaration' && superClass?.name) yield { name: superClass.name }
  if (type === 'TSTypeQuery' && exprName?.name) yield { name: exprName.name }
  for (const value of Object.values(node)) yield* referencesIn(value)
}

/** The comment and the indentation before a declaration or a member. */
const indentAndComment = /(?:[ \t]*\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?[ \t]*$/

/** Returns the first sentence of a comment. */
function summaryOf(comment: string | undefined): string | undefined {
  const text = comment
    ?.split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trim())
    .join(' ')
    .replace(/ ?@(throws|returns|param|example|template)\b.*/, '')
    .trim()
  return text === undefined || text === '' ? undefined : (/^.*?[.?](?= [A-Z]|$)/.exec(text)?.[0] ?? text)
}

/** Shortens comments to their first sentences, and takes away what every declaration has. */
function tidy(code: string): string {
  return code
    .replace(/^(export )?(declare )?/, '')
    .replaceAll(/import\("[^"]*"\)\./g, '')
    .replaceAll(/^[ \t]*\/\*\*((?:(?!\*\/)[^])*)\*\/\n/gm, (comment, text) => {
      const summary = summaryOf(text)
      return summary === undefined ? '' : `${/^[ \t]*/.exec(comment)?.[0]}/** ${summary} */\n`
    })
    .replaceAll(/^( {4})+/gm, (indent: string) => ' '.repeat(indent.length / 2))
    .replace(/;$/, '')
}
