import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Declaration, Declarations, type Export, type Place } from './declarations.ts'

/** Returns the page that lists the public API: each exported name, its signature and what it is. */
export function apiPage(checkout: string): string {
  using declarations = new Declarations(checkout)
  const exports = declarations.exportsOf('src/index.ts')
  const shown = new Map(exports.map((one) => [idOf(one), declarations.read(one, one.isType)]))
  const groups = groupsOf(readFileSync(join(checkout, 'src/index.ts'), 'utf8'))
  const sections = groups.map(({ title, names }) => {
    const own = exports.filter(({ exportedAs, within, from }) =>
      [within ?? exportedAs, `* ${from}`].some((name) => names.includes(name)),
    )
    return `## ${title}\n\n${own.map((one) => entry(headingOf(one), shown.get(idOf(one)))).join('\n')}`
  })
  const behind = [...shown.values()].flatMap(({ uses }) => uses).filter((place) => !shown.has(idOf(place)))
  const types = [...new Map(behind.map((place) => [idOf(place), declarations.read(place, true)])).values()]
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map((declaration) => entry(declaration.name, declaration))
  return `${head}\n${sections.join('\n')}\n${behindTitle}\n\n${types.join('\n')}`
}

const idOf = ({ file, name }: Place): string => `${file}#${name}`

const headingOf = ({ exportedAs, within }: Export): string =>
  within === undefined ? exportedAs : `${within}.${exportedAs}`

function entry(name: string, declaration: Declaration | undefined): string {
  if (declaration === undefined) throw new Error(`${name} is not declared`)
  const { summary, code } = declaration
  return `### ${name}\n${summary === undefined ? '' : `\n${summary}\n`}\n\`\`\`ts\n${code}\n\`\`\`\n`
}

/**
 * Returns the names of the API in the groups of `src/index.ts`, whose titles are comments with an empty line below. All
 * names of a module are `* ./module.ts`.
 */
function groupsOf(index: string): readonly { readonly title: string; readonly names: readonly string[] }[] {
  const [, ...parts] = index.split(/^\/\/ (.*)\n\n/m)
  const groups = parts.flatMap((title, at) => (at % 2 === 0 ? [{ title, names: namesIn(parts[at + 1] ?? '') }] : []))
  return groups.filter(({ names }) => names.length > 0)
}

function namesIn(exports: string): readonly string[] {
  const lists = [...exports.matchAll(/\{([^}]*)\}/g)].flatMap(([, list = '']) => list.split(','))
  const objects = [...exports.matchAll(/\* as (\w+)/g)].map(([, name = '']) => name)
  const names = lists.map((name) => name.replace('type ', '').trim()).filter((name) => name !== '')
  const menus = [...exports.matchAll(/export \* from '(.*)'/g)].map(([, source]) => `* ${source}`)
  return [...names, ...objects, ...menus]
}

const head = `# The API

This page lists what authors of steps, verdicts and faults can import from \`dr-drill\`. \`npm run docs\` writes it from the
declarations of the package. Comments are cut after their first sentence; the sources have the rest.
`

const behindTitle = `## Types behind these

They cannot be imported. They are the types of values that the API above takes and returns.`
