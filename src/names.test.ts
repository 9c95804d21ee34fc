import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, it } from 'node:test'
import { parseSync } from 'oxc-parser'

const checkout = join(import.meta.dirname, '..')
const sources = globSync('{src,steps}/**/*.ts', { cwd: checkout })
  .filter((file) => !/\.(test|fixture)\.ts$/.test(file))
  .sort()

/** The two engines implement one port with files and functions of the same names. A command has its room's name. */
const isTwin = (file: string): boolean => /^src\/(lab\/engine\/(container|embedded)|cli)\//.test(file)

/** Menus, and the contract suite of each port, are found by these names. */
const sharedFileNames = new Set(['index.ts', 'contract.ts'])

/** The names that a file declares and exports; re-exported names belong to the file that declares them. */
function exportedBy(text: string): readonly string[] {
  const { module } = parseSync('source.ts', text)
  return module.staticExports
    .flatMap(({ entries }) => entries)
    .flatMap(({ moduleRequest, exportName }) => (moduleRequest || !exportName.name ? [] : [exportName.name]))
}

function sharedNames(files: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const holders = new Map<string, string[]>()
  for (const [file, names] of files)
    for (const name of new Set(names)) holders.set(name, [...(holders.get(name) ?? []), file])
  return [...holders]
    .filter(([, found]) => found.filter((file) => !isTwin(file)).length + (found.some(isTwin) ? 1 : 0) > 1)
    .map(([name, found]) => `${name}: ${found.join(', ')}`)
}

describe('names', () => {
  it('that are exported are declared in one file each', () => {
    const exported = new Map(sources.map((file) => [file, exportedBy(readFileSync(join(checkout, file), 'utf8'))]))
    assert.deepEqual(sharedNames(exported), [])
  })

  it('of files are given once', () => {
    const files = sources.filter((file) => /^src\/(?!cli\/)/.test(file) && !sharedFileNames.has(basename(file)))
    assert.deepEqual(sharedNames(new Map(files.map((file) => [file, [basename(file)]]))), [])
  })

  it('that two files declare are found, and re-exports are not counted', () => {
    const files = { a: 'export interface Chain {}', b: 'export const Chain = 1', c: "export { Chain } from './a.ts'" }
    const exported = new Map(Object.entries(files).map(([file, text]) => [file, exportedBy(text)]))
    assert.deepEqual(sharedNames(exported), ['Chain: a, b'])
  })
})
