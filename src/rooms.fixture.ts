import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { parseSync } from 'oxc-parser'

/** What a room, a folder of sources with one idea, may import. */
export interface Room {
  readonly rooms?: readonly string[]
  /** Packages of npm. */
  readonly packages?: readonly string[]
  /** True for a room whose code does no I/O, and imports no code that does. */
  readonly isPure?: boolean
}

export type RoomTable = Readonly<Record<string, Room>>

/** One import of a source file. */
export interface Import {
  readonly file: string
  /** A file of the project, `node:…`, or the name of a package. */
  readonly target: string
  readonly isType: boolean
}

export interface Sources {
  readonly files: readonly string[]
  readonly imports: readonly Import[]
}

/** Reads the imports of all sources of a checkout. Tests, fixtures and contract suites are not sources. */
export function readSources(checkout: string): Sources {
  const files = globSync('{src,steps,features,scripts,bench,page}/**/*.{ts,tsx}', { cwd: checkout })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !/(\.(test|fixture|contract)|\/contract)\.ts$/.test(file))
    .sort()
  const imports = files.flatMap((file) => importsOf(file, readFileSync(posix.join(checkout, file), 'utf8')))
  return { files, imports }
}

/** The imports and re-exports of one source file, dynamic imports of a literal included. */
export function importsOf(file: string, text: string): readonly Import[] {
  const { module, errors } = parseSync(file, text)
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`)
  const found = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      name: moduleRequest.value,
      isType: entries.length > 0 && entries.every(({ isType }) => isType),
    })),
    ...module.staticExports
      .flatMap(({ entries }) => entries)
      .flatMap(({ moduleRequest, isType }) => (moduleRequest ? [{ name: moduleRequest.value, isType }] : [])),
    ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      const [, name] = /^'([^']+)'$/.exec(text.slice(start, end)) ?? []
      return name === undefined ? [] : [{ name, isType: false }]
    }),
  ]
  return found.map(({ name, isType }) => ({
    file,
    target: name.startsWith('.') ? posix.join(posix.dirname(file), name) : packageOf(name),
    isType,
  }))
}

function packageOf(name: string): string {
  return name.startsWith('node:') ? name : name.split('/', name.startsWith('@') ? 2 : 1).join('/')
}

/** The longest name in the table that a file is in: `lab/engine` before `lab`. Names are relative to `src`. */
export function roomOf(file: string, table: RoomTable): string | undefined {
  const path = file.startsWith('src/') ? file.slice('src/'.length) : file
  return Object.keys(table)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((one, other) => other.length - one.length)[0]
}

/** Every way in which sources break the table, one sentence each. */
export function violations(table: RoomTable, sources: Sources): readonly string[] {
  const missing = sources.files
    .filter((file) => roomOf(file, table) === undefined)
    .map((file) => `${file} is in no room of the table`)
  const forbidden = sources.imports.flatMap((one) => forbiddenImport(table, one))
  return [
    ...new Set([
      ...missing,
      ...forbidden,
      ...circles(fileGraph(sources)).map((circle) => `circle of files: ${circle.join(' → ')}`),
      ...circles(roomGraph(table, sources)).map((circle) => `circle of rooms: ${circle.join(' → ')}`),
      ...impurities(table, sources),
      ...unused(table, sources),
    ]),
  ]
}

const isFile = (target: string): boolean => /\.tsx?$/.test(target)

function forbiddenImport(table: RoomTable, { file, target }: Import): readonly string[] {
  const room = roomOf(file, table)
  if (room === undefined || target.startsWith('node:')) return []
  const { rooms = [], packages = [] } = table[room] ?? {}
  if (target.endsWith('.css')) return []
  if (!isFile(target)) return packages.includes(target) ? [] : [`${file} may not import the package ${target}`]
  const other = roomOf(target, table)
  if (other === undefined || other === room || other === 'errors.ts' || rooms.includes(other)) return []
  return [`${file} may not import ${target}: ${room} may not use ${other}`]
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>

function fileGraph({ files, imports }: Sources): Graph {
  return new Map(
    files.map((file) => [
      file,
      new Set(imports.filter((one) => one.file === file && isFile(one.target)).map(({ target }) => target)),
    ]),
  )
}

function roomGraph(table: RoomTable, { imports }: Sources): Graph {
  const graph = new Map<string, Set<string>>()
  for (const { file, target } of imports) {
    const [from, to] = [roomOf(file, table), isFile(target) ? roomOf(target, table) : undefined]
    if (from === undefined || to === undefined || from === to) continue
    graph.set(from, (graph.get(from) ?? new Set()).add(to))
  }
  return graph
}

/** One circle for each group of nodes that reach each other. */
function circles(graph: Graph): readonly (readonly string[])[] {
  const found: (readonly string[])[] = []
  const finished = new Set<string>()
  const visit = (node: string, path: readonly string[]): void => {
    const start = path.indexOf(node)
    if (start !== -1) found.push([...path.slice(start), node])
    if (start !== -1 || finished.has(node)) return
    for (const next of graph.get(node) ?? []) visit(next, [...path, node])
    finished.add(node)
  }
  for (const node of graph.keys()) visit(node, [])
  return found
}

/** Modules of Node that reach nothing outside of the process. */
const pureModules = new Set(['node:path', 'node:url', 'node:util', 'node:crypto', 'node:buffer', 'node:assert/strict'])

/** Files of pure rooms whose code, that of their imports included, can do I/O. Types are not code. */
function impurities(table: RoomTable, { files, imports }: Sources): readonly string[] {
  const code = Map.groupBy(
    imports.filter(({ isType }) => !isType),
    ({ file }) => file,
  )
  const pathToIo = (file: string, seen: Set<string>): readonly string[] | undefined => {
    if (seen.has(file)) return undefined
    seen.add(file)
    for (const { target } of code.get(file) ?? []) {
      if (target.startsWith('node:') && !pureModules.has(target)) return [file, target]
      const further = isFile(target) ? pathToIo(target, seen) : undefined
      if (further !== undefined) return [file, ...further]
    }
    return undefined
  }
  return files
    .filter((file) => table[roomOf(file, table) ?? '']?.isPure === true)
    .flatMap((file) => {
      const path = pathToIo(file, new Set())
      return path === undefined ? [] : [`${file} is in a pure room, and reaches I/O: ${path.join(' → ')}`]
    })
}

/** What the table allows and nothing uses: an allowance that outlives its reason hides the next mistake. */
function unused(table: RoomTable, { files, imports }: Sources): readonly string[] {
  return Object.entries(table).flatMap(([room, { rooms = [], packages = [] }]) => {
    if (!files.some((file) => roomOf(file, table) === room)) return [`the table has ${room}, which has no files`]
    const used = new Set(
      imports
        .filter(({ file }) => roomOf(file, table) === room)
        .map(({ target }) => (isFile(target) ? roomOf(target, table) : target)),
    )
    return [...rooms, ...packages]
      .filter((one) => !used.has(one))
      .map((one) => `the table lets ${room} use ${one}, and nothing there does`)
  })
}
